import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import {
  emulatorSettings,
  gatewaySettings,
  launcherSettings,
  toolRunnerSettings,
  workerSettings,
} from '@parley/config';
import { ERROR_CODES } from '@parley/kernel';
import { METRICS } from '@parley/telemetry';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string): Promise<string> => readFile(join(ROOT, file), 'utf8');

const names = z.record(z.string(), z.array(z.string()));
const boundaries = z.object({ LAYERS: names, OWNERS: names });

/** The rows of the Markdown table whose head begins with `firstColumns`, as texts without backticks. */
function rowsOf(markdown: string, ...firstColumns: string[]): string[][] {
  const rows = markdown.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('`', '').trim()),
  );
  const head = rows.findIndex((cells) => firstColumns.every((column, at) => cells[at] === column));
  const body = rows.slice(head + 2);
  const end = body.findIndex((cells) => cells.length === 0);
  return head < 0 ? [] : body.slice(0, end);
}

const listOf = (cell: string | undefined): string[] =>
  cell === undefined || cell === '–' ? [] : cell.split(', ').sort();

async function tablesOfTheBoundaries(): Promise<z.output<typeof boundaries>> {
  const loaded: unknown = await import(pathToFileURL(join(ROOT, '.dependency-cruiser.mjs')).href);
  return boundaries.parse(loaded);
}

describe('the documents', () => {
  it('hold tables that are up to date with the code', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['scripts/docs.mjs', '--check'], {
      cwd: ROOT,
    });
    expect(stdout).toBe('Up to date.\n');
  });

  it('hold every conformance case of a group, numbered without a gap', async () => {
    const groups = new Map<string, number[]>();
    for (const [, group = '', number] of (await read('docs/conformance.md')).matchAll(
      /^\| ([A-Z])(\d+) +\|/gm,
    ))
      groups.set(group, [...(groups.get(group) ?? []), Number(number)]);
    const sizes = [...groups].map(([group, numbers]) => {
      expect(numbers).toEqual(numbers.map((_, at) => at + 1));
      return `${group}${numbers.length}`;
    });
    expect(sizes.join(' ')).toBe('A18 B16 C12 D13 E18 F21 G9 H8 I6 J10 K4');
  });

  it('name every error code, setting and metric', async () => {
    const protocol = await read('docs/protocol.md');
    for (const code of ERROR_CODES) expect(protocol).toContain(`\`${code}\``);
    const configuration = await read('docs/configuration.md');
    const processes = [
      gatewaySettings,
      workerSettings,
      toolRunnerSettings,
      emulatorSettings,
      launcherSettings,
    ];
    for (const { env } of processes.flatMap((table) => Object.values(table)))
      expect(configuration).toContain(`\`${env}\``);
    const metrics = await read('docs/metrics.md');
    for (const name of Object.keys(METRICS)) expect(metrics).toContain(`\`${name}\``);
  });

  it('show the rooms as the boundaries hold them', async () => {
    const { LAYERS, OWNERS } = await tablesOfTheBoundaries();
    const layerOf = (room: string): number =>
      Math.max(-1, ...(LAYERS[room] ?? []).map((imported) => layerOf(imported))) + 1;
    const shown = rowsOf(await read('ARCHITECTURE.md'), 'Layer', 'Room').map(
      ([layer, room, , mayImport, packages]) => ({
        room,
        layer: Number(layer),
        mayImport: listOf(mayImport),
        packages: listOf(packages),
      }),
    );
    const held = Object.entries(LAYERS).map(([room, mayImport]) => ({
      room,
      layer: layerOf(room),
      mayImport: mayImport.toSorted(),
      packages: packagesOf(room, OWNERS),
    }));
    const byRoom = (a: { room?: string | undefined }, b: { room?: string | undefined }): number =>
      String(a.room).localeCompare(String(b.room));
    expect(shown.sort(byRoom)).toEqual(held.sort(byRoom));
  });

  it('show every program, and the packages that it may use', async () => {
    const { OWNERS } = await tablesOfTheBoundaries();
    const shown = rowsOf(await read('ARCHITECTURE.md'), 'Program').map(([program, , packages]) => [
      program,
      listOf(packages),
    ]);
    const apps = await readdir(join(ROOT, 'apps'));
    const held = [...apps.map((app) => `apps/${app}`), 'agents'].map((program) => [
      program,
      packagesOf(program, OWNERS),
    ]);
    expect(new Map(shown as [string, string[]][])).toEqual(new Map(held as [string, string[]][]));
  });

  it('list every promise once', async () => {
    const promises = rowsOf(await read('ARCHITECTURE.md'), '#', 'Promise').map(([number]) => number);
    expect(promises).toEqual(Array.from({ length: 12 }, (_, n) => `I${n + 1}`));
  });

  it('name only specs and contract suites that there are', async () => {
    const promises = rowsOf(await read('ARCHITECTURE.md'), '#', 'Promise');
    const named = promises.flatMap((cells) =>
      [...(cells[3] ?? '').matchAll(/[a-z-]+(?:\.spec|-contract|-model)\b/g)].map(([name]) => name),
    );
    const files = await Promise.all(
      ['libs', 'apps', 'test'].map((folder) => readdir(join(ROOT, folder), { recursive: true })),
    );
    const there = new Set(files.flat().map((file) => file.slice(file.lastIndexOf('/') + 1)));
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !there.has(`${name}.ts`))).toEqual([]);
  });

  it('link only to files that there are', async () => {
    const folders = ['.', 'docs', 'docs/adr'];
    const pages = await Promise.all(
      folders.map(async (folder) =>
        (await readdir(join(ROOT, folder)))
          .filter((file) => file.endsWith('.md'))
          .map((file) => join(folder, file)),
      ),
    );
    const dead: string[] = [];
    for (const page of pages.flat()) {
      for (const [, target = ''] of (await read(page)).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const there = await readdir(join(ROOT, page, '..', target, '..')).catch((): string[] => []);
        if (!there.includes(target.replace(/\/$/, '').split('/').at(-1) ?? ''))
          dead.push(`${page}: ${target}`);
      }
    }
    expect(dead).toEqual([]);
  });
});

function packagesOf(place: string, owners: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.keys(owners)
    .filter((name) => owners[name]?.includes(place))
    .sort();
}
