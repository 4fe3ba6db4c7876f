import type { Setup } from '../run/check-run.js';
import type { HeardCall } from '../wire/heard-message.js';

export interface TestTool {
  readonly name: string;
  readonly description: string;
  readonly behavior?: 'BLOCKING' | 'NON_BLOCKING';
  readonly parameters: object;
}

const CITY = { type: 'OBJECT', properties: { city: { type: 'STRING' } }, required: ['city'] };

export const WEATHER: TestTool = {
  name: 'get_weather',
  description: 'Tells the weather in a city.',
  parameters: CITY,
};

export const POPULATION: TestTool = {
  name: 'get_population',
  description: 'Tells how many people live in a city.',
  parameters: CITY,
};

/** A set-up with these functions, and the advice to use them. */
export function tools(declarations: readonly TestTool[]): Setup {
  const names = declarations.map(({ name }) => name).join(' and ');
  return {
    tools: [{ functionDeclarations: declarations }],
    systemInstruction: {
      parts: [{ text: `Be brief. Use ${names} for questions about cities, and say what the result says.` }],
    },
  };
}

export type Scheduling = 'SILENT' | 'WHEN_IDLE' | 'INTERRUPT';

/** A rare word in it shows whether the model has taken it up. */
export function answerTo({ id, name }: HeardCall, output: string, scheduling?: Scheduling): object {
  const response = { id, name, response: { output }, ...(scheduling && { scheduling }) };
  return { toolResponse: { functionResponses: [response] } };
}
