import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as genai from '@google/genai';
import * as emulatorRoom from '@parley/emulator';
import { LiveWireClient } from '@parley-testing/emulator';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FAULTS } from './fault/fault.js';
import { readScenario } from './scenario/scenario.js';
import { CONTROL_REQUESTS, CONTROL_STEPS } from './server/control-requests.js';
import { PROFILE_NAMES } from './session/model-profile.js';

const README = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');
const USAGE = ofTheProject('apps/emulator/src/program-options.ts');
const SETTINGS = ofTheProject('libs/config/src/settings.ts');
const PROGRAM_URL = 'http://127.0.0.1:9466';
const MODULES: Readonly<Record<string, object>> = {
  '@google/genai': genai,
  '@parley/emulator': emulatorRoom,
};

function ofTheProject(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');
}

/** What stands in the first cell of every table row that begins like this. */
function firstCells(beginning: string): string[] {
  return [...README.matchAll(/^\| `(.+?)` +\|/gm)]
    .map(([, cell = '']) => cell)
    .filter((cell) => cell.startsWith(beginning));
}

/** The code fences of a language, with the heading that each stands under. */
function fences(language: string): { readonly heading: string; readonly code: string }[] {
  const found: { heading: string; code: string }[] = [];
  let heading = '';
  for (const [, title, fenced, code = ''] of README.matchAll(/^#+ (.+)$|^```(\w+)\n([\s\S]*?)^```$/gm)) {
    if (title !== undefined) heading = title;
    else if (fenced === language) found.push({ heading, code });
  }
  return found;
}

type AsyncBody = (load: (name: string) => object, print: Pick<Console, 'log'>) => Promise<void>;

/** Runs a module's text with its imports from here, and answers what it logs. */
async function run(code: string, url: string): Promise<string[]> {
  const body = code
    .replaceAll(PROGRAM_URL, url)
    .replace(/^import (\{[^}]+\}) from '([^']+)';$/gm, (_, names: string, from: string) => {
      return `const ${names} = load('${from}');`;
    });
  const AsyncFunction = (async () => undefined).constructor as new (...text: string[]) => AsyncBody;
  const logged: string[] = [];
  const load = (name: string): object => MODULES[name] ?? {};
  await new AsyncFunction('load', 'console', body)(load, { log: (value) => void logged.push(String(value)) });
  return logged;
}

/** The status that a control request is answered with, about a session of an emulator of its own. */
async function steer(method: string, path: string, body: string | undefined): Promise<number> {
  const emulator = await emulatorRoom.startEmulator({ controlSecret: 'secret' });
  try {
    const client = await LiveWireClient.connect(emulator.url);
    client.send({ setup: { model: 'models/gemini-3.8-live' } });
    await client.waitFor(({ setupComplete }) => setupComplete !== undefined);
    const url = `${emulator.url}${path.replace('{id}', emulator.sessions()[0]?.id ?? '')}`;
    const headers = { authorization: 'Bearer secret' };
    return (await fetch(url, { method, headers, ...(body !== undefined && { body }) })).status;
  } finally {
    await emulator.close();
  }
}

describe('the README', () => {
  let emulator: emulatorRoom.RunningEmulator;
  beforeAll(async () => {
    vi.spyOn(console, 'warn').mockReturnValue(undefined);
    emulator = await emulatorRoom.startEmulator({ behaviour: { turnEnds: 'immediate' } });
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await emulator.close();
  });

  const snippets = fences('js').map(({ heading, code }, index) => [index + 1, heading, code] as const);

  it('has snippets', () => expect(snippets).toHaveLength(8));

  it.each(snippets)('runs snippet %i, of "%s", and it logs what it says', async (_, __, code) => {
    const promised = [...code.matchAll(/\/\/ → (.+)$/gm)].map(([, text]) => text);
    expect(promised.length).toBeGreaterThan(0);
    expect(await run(code, emulator.url)).toEqual(promised);
  });

  it('shows scenarios that are valid', () => {
    const examples = fences('json');
    expect(examples).toHaveLength(1);
    for (const { code } of examples) readScenario('shop', JSON.parse(code));
  });

  it('tells of every fault, and of no other, with its parameters', () => {
    const told = [...README.matchAll(/^\| `(\w+)` +\| (.*?) +\| (.*?) +\|$/gm)].map(
      ([, kind, does, defaults]) => [kind, does, defaults],
    );
    const all = Object.entries(FAULTS).map(([kind, { does, defaults }]) => [
      kind,
      does,
      Object.entries(defaults)
        .map(([name, value]) => `\`${name}\` ${value}`)
        .join(', '),
    ]);
    expect(told).toEqual(all);
  });

  it('tells of every option and setting of the program, and of no other', () => {
    const optionsIn = (text: string): string[] => [
      ...new Set([...text.matchAll(/--[a-z][a-z0-9-]+/g)].map(([option]) => option)),
    ];
    expect(optionsIn(README).sort()).toEqual(optionsIn(USAGE).sort());
    const ofEmulator = (text: string): string[] => [
      ...new Set(
        [...text.matchAll(/PARLEY_EMULATOR_(?!URL)[A-Z_]+/g)].map(([name]) => name.replace(/_FILE$/, '')),
      ),
    ];
    expect(ofEmulator(README).sort()).toEqual(ofEmulator(SETTINGS).sort());
  });

  it('tells of every control request and step, and they do as they are written', async () => {
    expect(firstCells('').filter((cell) => cell.includes(' /__emu/'))).toEqual([...CONTROL_REQUESTS.keys()]);
    const steps = firstCells('{"step"');
    expect(steps.map((step) => (JSON.parse(step) as { step: string }).step)).toEqual([
      ...CONTROL_STEPS.keys(),
    ]);
    const [, rules = ''] = /^\| `PUT .*?`(\{.+\})`/m.exec(README) ?? [];
    for (const request of CONTROL_REQUESTS.keys()) {
      const [method = '', path = ''] = request.split(' ', 2);
      const bodies = { POST: steps, PUT: [rules] }[method] ?? [undefined];
      for (const body of bodies) {
        expect(await steer(method, path, body), `${request} ${body ?? ''}`).toBe(
          body === undefined ? 200 : 204,
        );
      }
    }
  });

  it('tells of all profiles of models', () => {
    expect(PROFILE_NAMES.length).toBe(
      [...README.matchAll(/^\| .*`.*(?:live|native-audio|emulator).*` +\|/gm)].length,
    );
  });
});
