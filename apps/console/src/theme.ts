import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** The agent's colour, and the page's. */
const sea: MantineColorsTuple = [
  '#e9f6f4',
  '#d3ebe7',
  '#a6d7cf',
  '#74c1b5',
  '#4bae9f',
  '#2f9d8d',
  '#17897a',
  '#0f766e',
  '#0b5f59',
  '#064944',
];

/** The user's colour. */
const ember: MantineColorsTuple = [
  '#fdf3e7',
  '#f8e3cb',
  '#efc797',
  '#e7aa5f',
  '#df9030',
  '#d27c16',
  '#b8680e',
  '#98540b',
  '#7a4309',
  '#5c3206',
];

/** Mantine's neutrals, warmed to the page's paper and, at night, tinted to its sea. */
const gray: MantineColorsTuple = [
  '#faf9f5',
  '#f3f1ea',
  '#e9e6dd',
  '#dcd8cc',
  '#c9c4b6',
  '#aaa596',
  '#777164',
  '#5d584e',
  '#3d3a34',
  '#24221e',
];

const dark: MantineColorsTuple = [
  '#d5dedc',
  '#b3c0bd',
  '#8b9a97',
  '#647270',
  '#3a4744',
  '#2f3a38',
  '#202927',
  '#19211f',
  '#141a19',
  '#0e1312',
];

export const theme = createTheme({
  colors: { sea, ember, gray, dark },
  primaryColor: 'sea',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  defaultRadius: 'md',
  fontFamily:
    "'Inter Variable', Inter, ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace",
  headings: { fontWeight: '600' },
  cursorType: 'pointer',
});
