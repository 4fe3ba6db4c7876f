import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OLDEST_NODE = [20, 19];
const LOCK_STAMP = 'node_modules/.parley-lock';
const BUILD_STAMP = 'dist/.stamp';
const BUILD_INPUTS = ['apps', 'libs', 'agents', 'scripts', 'package-lock.json', 'tsconfig.json'];

/** A step failed; the message is what it printed. */
export class SetUpError extends Error {}

/** The same for a program that can do nothing without it: prints what failed, and ends. */
export async function setUpOrExit() {
  try {
    await setUp();
  } catch (error) {
    process.stderr.write(error instanceof SetUpError ? error.message : `${error?.stack ?? error}\n`);
    process.exit(1);
  }
}

/** Brings a fresh clone to where it can run: dependencies from the lock file, then the build; each only when stale. */
export async function setUp({ build = true } = {}) {
  process.chdir(ROOT);
  checkNode();
  const lock = digest(readFileSync('package-lock.json'));
  if (read(LOCK_STAMP) !== lock) {
    await step('Installing dependencies from the lock file', npmCommand(), [
      'ci',
      '--include=dev',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ]);
    writeFileSync(LOCK_STAMP, lock);
    say(`  ${megabytes('node_modules')} MB in node_modules`);
  }
  if (build) await buildWhenStale();
}

export async function buildWhenStale() {
  const sources = fingerprint(BUILD_INPUTS);
  if (read(BUILD_STAMP) === sources) return false;
  rmSync(BUILD_STAMP, { force: true });
  await step('Building', process.execPath, ['scripts/build.mjs']);
  mkdirSync('dist', { recursive: true });
  writeFileSync(BUILD_STAMP, sources);
  return true;
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  process.stderr.write(
    `Parley needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}.\n`,
  );
  process.exit(1);
}

/** Runs a command quietly with a line that shows it is alive; its output is shown when it fails. */
async function step(title, command, args) {
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1_000);
  const live = process.stdout.isTTY;
  if (!live) say(`${title} …`);
  const ticker = live
    ? setInterval(() => process.stdout.write(`\r${title} … ${seconds()} s `), 500)
    : undefined;
  const { code, output } = await run(command, args);
  clearInterval(ticker);
  if (live) process.stdout.write('\r');
  say(`${title}: ${code === 0 ? 'done' : 'failed'} in ${seconds()} s`);
  if (code !== 0) throw new SetUpError(output);
}

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    const keep = (chunk) => (output = (output + chunk).slice(-20_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ code: 1, output: String(error) }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

function npmCommand() {
  return process.platform === 'win32' ? 'npm.cmd' : 'npm';
}

function fingerprint(paths) {
  const hash = createHash('sha256');
  for (const path of paths) for (const file of filesUnder(path)) hash.update(file).update(readFileSync(file));
  return hash.digest('hex');
}

function filesUnder(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return [];
  if (!stat.isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => !name.startsWith('.'))
    .sort()
    .flatMap((name) => filesUnder(join(path, name)))
    .filter((file) => !file.endsWith('.spec.ts'));
}

function megabytes(path) {
  const sizeOf = (entry) => {
    const stat = statSync(entry, { throwIfNoEntry: false });
    if (!stat) return 0;
    return stat.isDirectory()
      ? readdirSync(entry).reduce((sum, name) => sum + sizeOf(join(entry, name)), 0)
      : stat.size;
  };
  return Math.round(sizeOf(path) / 1_000_000);
}

function digest(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
