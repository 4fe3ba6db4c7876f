import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { ERROR_CODES } from '@parley/kernel';
import { parseRunConfig } from '@parley/live';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isAsStated, readGuide } from './agents-guide/guide-programs.js';
import { compilerProblems, fieldsOfType } from './agents-guide/program-compiler.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = readFileSync(join(ROOT, 'docs/agents.md'), 'utf8');
const { programs, strays } = readGuide(PAGE);
const printing = programs.flatMap(({ file, prints }) =>
  prints === undefined ? [] : [[file, prints] as const],
);

describe('docs/agents.md', () => {
  let folder = '';
  beforeAll(async () => {
    await mkdir(join(ROOT, '.cache'), { recursive: true });
    folder = await mkdtemp(join(ROOT, '.cache', 'agents-guide-'));
    for (const { file, code } of programs) await writeFile(join(folder, file), code);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has no TypeScript and no output that belongs to no program', () => {
    expect(strays).toEqual([]);
    expect(programs.length).toBeGreaterThan(15);
  });

  it('says of each program what it prints, but for modules that the others import', () => {
    const silent = programs.filter(({ prints }) => prints === undefined).map(({ file }) => file);
    for (const file of silent) expect(PAGE).toContain(`from './${file.replace(/\.ts$/, '.js')}'`);
  });

  it('compiles under the settings of the project', { timeout: 120_000 }, () => {
    expect(
      compilerProblems(
        ROOT,
        programs.map(({ file }) => join(folder, file)),
      ),
    ).toEqual([]);
  });

  it.each(printing)('%s prints what stands below it', { timeout: 60_000 }, async (file, prints) => {
    const printed: string[] = [];
    const log = vi
      .spyOn(console, 'log')
      .mockImplementation((...words) => void printed.push(format(...words)));
    try {
      await import(pathToFileURL(join(folder, file)).href);
    } finally {
      log.mockRestore();
    }
    const lines = printed.join('\n');
    expect(isAsStated(prints, lines) ? prints : lines).toBe(prints);
  });

  it('lists every field of a RunConfig, with its default', () => {
    const defaults: Readonly<Record<string, unknown>> = parseRunConfig({});
    const section = PAGE.slice(PAGE.indexOf('\n## RunConfig'), PAGE.indexOf('\n## Recording'));
    const rows = [...section.matchAll(/^\| `(\w+)` +\| (?:`([^`]+)`)? *\|/gm)];
    const fields = fieldsOfType(ROOT, 'libs/live/src/runner/run-config.ts', 'RunConfigInput');
    expect(fields.length).toBeGreaterThan(30);
    expect(new Map(rows.map(([, field, value]) => [field, value]))).toEqual(
      new Map(fields.map((field) => [field, JSON.stringify(defaults[field])])),
    );
  });

  it('names the caps by the codes of their error events', () => {
    const { maxTurns, maxDurationMs, maxTokens, idleTimeoutMs } = parseRunConfig({
      maxTurns: 1,
      maxDurationMs: 1_000,
      maxTokens: 1,
      idleTimeoutMs: 1_000,
    });
    expect([maxTurns, maxDurationMs, maxTokens, idleTimeoutMs]).toEqual([1, 1_000, 1, 1_000]);
    expect(() => parseRunConfig({ maxDurationMs: 999 })).toThrow('maxDurationMs');
    expect(() => parseRunConfig({ idleTimeoutMs: 999 })).toThrow('idleTimeoutMs');
    const codes: readonly string[] = ERROR_CODES;
    const named = ['max_turns', 'max_duration', 'budget_spent', 'idle_timeout'];
    expect(PAGE).toContain(named.map((code) => `\`${code}\``).join(', '));
    expect(named.filter((code) => !codes.includes(code))).toEqual([]);
  });
});
