import { spawn } from 'node:child_process';
import { setUpOrExit } from './setup.mjs';

await setUpOrExit();
const bench = spawn(process.execPath, ['dist/bench.js', ...process.argv.slice(2)], { stdio: 'inherit' });
bench.on('exit', (code) => process.exit(code ?? 1));
