import { spawn } from 'node:child_process';
import { setUpOrExit } from './setup.mjs';

await setUpOrExit();
const verify = spawn(
  process.execPath,
  ['--enable-source-maps', 'dist/verify-gemini.js', ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => verify.kill('SIGTERM'));
verify.on('exit', (code) => process.exit(code ?? 1));
