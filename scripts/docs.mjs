import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { rolldown } from 'rolldown';
import { conformanceProblems, testsOfCases, withTestColumn } from './conformance-column.mjs';

/*
 * node scripts/docs.mjs [--check]: writes the tables of docs/ anew from the code's own tables, between
 * `<!-- generated: NAME -->` and `<!-- end -->`; of the conformance cases only the column of their tests. With --check
 * it writes nothing, names what is stale and which cases have no test, and ends with 1.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CATALOGS = {
  errorTable: 'libs/wire/src/error-table.ts',
  audioFrame: 'libs/wire/src/audio-frame.ts',
  settings: 'libs/config/src/settings.ts',
  metrics: 'libs/telemetry/src/metric-catalog.ts',
};
const USERS = {
  gatewaySettings: 'gateway',
  workerSettings: 'worker',
  toolRunnerSettings: 'tool-runner',
  emulatorSettings: 'emulator',
  launcherSettings: '`npm start`',
};
const CONFORMANCE = 'docs/conformance.md';
const BLOCK = /(<!-- generated: ([a-z-]+) -->\n)([\s\S]*?)(<!-- end -->)/g;

process.chdir(ROOT);
const catalogs = await loadCatalogs();
const tests = testsOfCases();
const { toJSONSchema } = await import('zod');
const BLOCKS = {
  errors: errorTable,
  'frame-kinds': () => namedNumbers('Kind', catalogs.audioFrame.FRAME_KIND),
  'frame-codecs': frameCodecs,
  settings: settingsTable,
  metrics: metricsTable,
  conformance: (body) => withTestColumn(body, tests),
};

const stale = [];
for (const file of ['docs/protocol.md', 'docs/configuration.md', 'docs/metrics.md', CONFORMANCE]) {
  const before = readFileSync(file, 'utf8');
  const after = await withFreshBlocks(file, before);
  if (after === before) continue;
  stale.push(file);
  if (!process.argv.includes('--check')) writeFileSync(file, after);
}
const problems = conformanceProblems(readFileSync(CONFORMANCE, 'utf8'), tests);
if (stale.length > 0 && process.argv.includes('--check')) {
  problems.unshift(`Not up to date: ${stale.join(', ')}. Run: node scripts/docs.mjs`);
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0 && process.argv.includes('--check')) process.exit(1);
process.stdout.write(stale.length > 0 ? `Written: ${stale.join(', ')}\n` : 'Up to date.\n');

/** The tables come from TypeScript, so they are compiled first; into the project, where their packages are found. */
async function loadCatalogs() {
  mkdirSync('.cache', { recursive: true });
  const dir = mkdtempSync(join(ROOT, '.cache', 'docs-'));
  try {
    const bundle = await rolldown({
      input: CATALOGS,
      platform: 'node',
      external: (id) => !id.startsWith('.') && !existsSync(id),
      resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    });
    await bundle.write({
      dir,
      format: 'esm',
      entryFileNames: '[name].mjs',
      chunkFileNames: '[name]-[hash].mjs',
    });
    await bundle.close();
    const loaded = {};
    for (const name of Object.keys(CATALOGS)) {
      loaded[name] = await import(pathToFileURL(join(dir, `${name}.mjs`)).href);
    }
    return loaded;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function withFreshBlocks(file, text) {
  const fresh = text.replace(BLOCK, (_all, start, name, body, end) => {
    const make = BLOCKS[name];
    if (!make) throw new Error(`${file}: there is no table "${name}"`);
    return `${start}\n${make(body)}\n\n${end}`;
  });
  return format(fresh, { ...(await resolveConfig(file)), filepath: file });
}

function errorTable() {
  const rows = Object.entries(catalogs.errorTable.ERROR_TABLE).map(([code, row]) => [
    tick(code),
    row.type,
    row.http,
    row.scope,
    row.close,
    row.retryable ? 'yes' : '',
    tick(row.advice),
  ]);
  return table(['Code', 'Type', 'HTTP', 'Scope', 'Close code', 'Retryable', 'Advice'], rows);
}

function frameCodecs() {
  const { FRAME_CODEC, CODEC_MIME } = catalogs.audioFrame;
  const rows = Object.entries(FRAME_CODEC).map(([name, number]) => [number, name, tick(CODEC_MIME[number])]);
  return table(['Number', 'Codec', 'MIME type'], rows);
}

function namedNumbers(title, numbers) {
  return table(
    ['Number', title],
    Object.entries(numbers).map(([name, number]) => [number, name]),
  );
}

/** One row for each variable, or several where processes treat it differently. */
function settingsTable() {
  const rows = new Map();
  for (const [tableName, user] of Object.entries(USERS)) {
    for (const setting of Object.values(catalogs.settings[tableName])) {
      const row = [fallbackOf(setting), valuesOf(setting), setting.secret ? 'yes' : '', setting.description];
      const key = JSON.stringify([setting.env, ...row]);
      const known = rows.get(key);
      if (known) known.users.push(user);
      else rows.set(key, { env: setting.env, users: [user], row });
    }
  }
  const sorted = [...rows.values()].sort((a, b) => (a.env < b.env ? -1 : a.env > b.env ? 1 : 0));
  return table(
    ['Variable', 'Read by', 'Default', 'Values', 'Secret', 'What it is'],
    sorted.map(({ env, users, row }) => [tick(env), users.join(', '), ...row]),
  );
}

function fallbackOf(setting) {
  const unset = setting.schema.safeParse(undefined);
  if (!unset.success) return '**needed**';
  return unset.data === undefined ? '–' : tick(String(unset.data));
}

function valuesOf(setting) {
  const words = toJSONSchema(setting.schema, { io: 'input', unrepresentable: 'any' });
  if (words.enum) return words.enum.map(tick).join(', ');
  const range = rangeIn(toJSONSchema(setting.schema, { io: 'output', unrepresentable: 'any' }));
  return range ? `${range.minimum} to ${range.maximum}` : 'text';
}

function rangeIn(schema) {
  if (schema.minimum !== undefined) return schema;
  return (schema.anyOf ?? []).map(rangeIn).find(Boolean);
}

function metricsTable() {
  const rows = Object.entries(catalogs.metrics.METRICS).map(([name, metric]) => [
    tick(name),
    metric.type,
    metric.labels.map(tick).join(', '),
    metric.help,
    (metric.buckets ?? []).join(' '),
  ]);
  return table(['Metric', 'Type', 'Labels', 'What it says', 'Buckets'], rows);
}

function tick(text) {
  return `\`${text}\``;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
