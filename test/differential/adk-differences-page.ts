import { ADK_VERSION, DIFFERENCES, type Difference } from './differences.js';

const WIDTH = 118;

const HEAD = `# Differences from ADK for TypeScript

Parley implements the live system of Google's Agent Development Kit. Its model is ADK for Python, whose live runtime is years ahead of the one in \`@google/adk\` ${ADK_VERSION} for TypeScript; what is written here is for readers who come from the latter.

\`test/differential\` plays the same scripted conversations through \`@google/adk\` ${ADK_VERSION} and through Parley against the same emulator. Their events are the same but for these ${DIFFERENCES.length} differences: any other fails the test, and so does one of these that is no longer there, on either side. Ids and times are not compared; everything else is. Cases such as B13 are those of [conformance.md](conformance.md).

This page is written from \`test/differential/differences.ts\` (\`npx vitest run --project differential -u\`).`;

/** docs/adk-differences.md. */
export function differencesPage(): string {
  const blocks = [HEAD, ...DIFFERENCES.map(section)];
  return `${blocks.join('\n\n').split('\n').map(wrap).join('\n')}\n`;
}

function section({ title, cases, adk, parley, why }: Difference, index: number): string {
  const because = cases.length > 0 ? `${why} (${cases.join(', ')})` : why;
  return [
    `## ${index + 1}. ${title}`,
    `- **ADK:** ${adk}`,
    `- **Parley:** ${parley}`,
    `- **Why:** ${because}`,
  ]
    .join('\n')
    .replace('\n', '\n\n');
}

/** Breaks a line between words, never within code; what follows in a list item is indented. */
function wrap(line: string): string {
  const indent = line.startsWith('- ') ? '  ' : '';
  const lines = [''];
  for (const word of line.match(/(?:`[^`]*`|\S)+/g) ?? []) {
    const last = lines.at(-1) ?? '';
    const longer = last === '' ? word : `${last} ${word}`;
    if (last !== '' && longer.length > WIDTH) lines.push(`${indent}${word}`);
    else lines[lines.length - 1] = longer;
  }
  return lines.join('\n');
}
