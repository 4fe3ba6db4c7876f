import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { ROOT, setUpOrExit } from './setup.mjs';

/*
 * npm test [-- --no-skips] [-- STEP …]: sets everything up, then runs every step (or those named) and ends with
 * `N passed, N failed, N skipped`. With --no-skips a skip counts as a failure: CI installs what is needed.
 */
const SUMMARY = `${ROOT}test-results/summary.json`;
const bin = (name, path) => [process.execPath, [`node_modules/${name}/${path}`]];
const STEPS = [
  check('format', bin('prettier', 'bin/prettier.cjs'), ['--check', '--log-level', 'warn', '.']),
  check('lint', bin('eslint', 'bin/eslint.js'), [
    '--max-warnings',
    '0',
    '--cache',
    '--cache-location',
    '.cache/eslint',
    '.',
  ]),
  check('boundaries', bin('dependency-cruiser', 'bin/dependency-cruise.mjs'), [
    '--config',
    '.dependency-cruiser.mjs',
    '--output-type',
    'err-long',
    'apps',
    'libs',
    'agents',
  ]),
  check('types', bin('typescript', 'bin/tsc'), ['--noEmit']),
  suite('unit'),
  suite('conformance'),
  suite('differential'),
  suite('integration'),
  suite('chaos'),
  suite('e2e'),
];

const args = process.argv.slice(2);
const noSkips = args.includes('--no-skips');
const wanted = args.filter((arg) => !arg.startsWith('--'));
const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no step ${unknown.join(', ')}; steps: ${STEPS.map((step) => step.name).join(', ')}.\n`,
  );
  process.exit(2);
}

await setUpOrExit();
mkdirSync('test-results', { recursive: true });
const total = { passed: 0, failed: 0, skipped: [] };
for (const step of STEPS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const startedAt = Date.now();
  const result = await step.run();
  total.passed += result.passed;
  total.failed += result.failed;
  total.skipped.push(...result.skipped);
  const seconds = Math.round((Date.now() - startedAt) / 1_000);
  process.stdout.write(`${result.failed > 0 ? '✗' : '✓'} ${step.name} (${seconds} s)\n`);
}

for (const skip of total.skipped) process.stdout.write(`skipped: ${skip.name}: ${skip.why}\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped.length} skipped\n`);
process.exit(total.failed > 0 || (noSkips && total.skipped.length > 0) ? 1 : 0);

/** A step that is one yes or no. */
function check(name, [command, lead], rest) {
  return {
    name,
    run: async () => {
      const code = await run(command, [...lead, ...rest]);
      return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [] };
    },
  };
}

/** A step that counts its tests. */
function suite(project) {
  return {
    name: project,
    run: async () => {
      rmSync(SUMMARY, { force: true });
      const [command, lead] = bin('vitest', 'vitest.mjs');
      const reporters = ['--reporter=dot', '--reporter=./scripts/test-reporter.mjs'];
      const code = await run(command, [
        ...lead,
        'run',
        '--project',
        project,
        '--passWithNoTests',
        ...reporters,
      ]);
      const counted = existsSync(SUMMARY)
        ? JSON.parse(readFileSync(SUMMARY, 'utf8'))
        : { passed: 0, failed: 0, skipped: [] };
      if (code !== 0 && counted.failed === 0) counted.failed = 1;
      return counted;
    },
  };
}

function run(command, commandArgs) {
  return new Promise((resolve) => {
    const env = { ...process.env, PARLEY_TEST_SUMMARY: SUMMARY };
    const child = spawn(command, commandArgs, { stdio: ['ignore', 'inherit', 'inherit'], env });
    child.on('error', () => resolve(1));
    child.on('close', (code) => resolve(code ?? 1));
  });
}
