import { spawn } from 'node:child_process';
import { setUpOrExit } from './setup.mjs';

await setUpOrExit();
const talk = spawn(process.execPath, ['--enable-source-maps', 'dist/talk.js', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.on('SIGINT', () => undefined);
talk.on('exit', (code) => process.exit(code ?? 1));
