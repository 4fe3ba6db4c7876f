import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { ROOT, setUpOrExit } from './setup.mjs';

/*
 * npm run chaos -- --help: bundles test/chaos beside the programs that it breaks, and runs it.
 */
const PROGRAM = 'dist/chaos.js';

if (process.argv.includes('--bundle-only')) {
  process.chdir(ROOT);
  await bundle();
} else {
  await setUpOrExit();
  await bundle();
  const chaos = spawn(process.execPath, ['--enable-source-maps', PROGRAM, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  chaos.on('exit', (code) => process.exit(code ?? 1));
}

async function bundle() {
  const program = await rolldown({
    cwd: ROOT,
    input: 'test/chaos/main.ts',
    platform: 'node',
    external: (id) => !/^(\.|\/|@parley|test\/)/.test(id) && !id.startsWith('\0'),
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    plugins: [
      {
        name: 'parley-rooms',
        resolveId(id) {
          const match = /^@parley(-testing)?\/([a-z-]+)$/.exec(id);
          return match && resolve(ROOT, 'libs', match[2], 'src', match[1] ? 'testing/index.ts' : 'index.ts');
        },
      },
    ],
  });
  await program.write({ file: PROGRAM, format: 'esm', sourcemap: true, codeSplitting: false });
  await program.close();
}
