import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { buildWhenStale, setUpOrExit } from './setup.mjs';

const RELOAD_QUIET_MS = 300;
const dev = process.argv.includes('--dev');

await setUpOrExit();
let service = launch();
let stopping = false;
if (dev) reloadOnChange();

// Ctrl-C reaches the service by itself, as it is in the terminal's process group; a plain kill does not.
process.on('SIGINT', () => (stopping = true));
process.on('SIGTERM', () => {
  stopping = true;
  service.kill('SIGTERM');
});

function launch() {
  const child = spawn(process.execPath, ['--enable-source-maps', 'dist/launcher.js'], { stdio: 'inherit' });
  child.on('exit', (code) => {
    if (child === service && !child.reloading) process.exit(code ?? 1);
  });
  return child;
}

function reloadOnChange() {
  let timer;
  let busy = false;
  let again = false;
  const reload = async () => {
    if (stopping) return;
    again = busy;
    if (busy) return;
    busy = true;
    try {
      if (await buildWhenStale()) await restart();
    } catch (error) {
      // what is broken now is mended with the next change; the service goes on as it was
      process.stderr.write(`${error?.message ?? error}\n`);
    }
    busy = false;
    if (again) await reload();
  };
  for (const folder of ['apps', 'libs', 'agents']) {
    watch(folder, { recursive: true }, () => {
      clearTimeout(timer);
      timer = setTimeout(reload, RELOAD_QUIET_MS);
    });
  }
}

async function restart() {
  service.reloading = true;
  const ended = new Promise((resolve) => service.once('exit', resolve));
  service.kill('SIGTERM');
  await ended;
  if (!stopping) service = launch();
}
