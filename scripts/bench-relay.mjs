import { spawn } from 'node:child_process';
import { setUp } from './setup.mjs';

await setUp();
const bench = spawn(process.execPath, ['dist/bench.js', ...process.argv.slice(2)], { stdio: 'inherit' });
bench.on('exit', (code) => process.exit(code ?? 1));
