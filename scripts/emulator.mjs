import { spawn } from 'node:child_process';
import { setUpOrExit } from './setup.mjs';

await setUpOrExit();
const emulator = spawn(
  process.execPath,
  ['--enable-source-maps', 'dist/emulator.js', ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => emulator.kill('SIGTERM'));
emulator.on('exit', (code) => process.exit(code ?? 1));
