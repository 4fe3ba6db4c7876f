import { existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { serverEntries } from './entries.mjs';

/** Bundles every server program, thread and agent into `dist/` with shared chunks; packages stay outside. */
export async function buildServer(root = process.cwd()) {
  const bundle = await rolldown({
    cwd: root,
    input: serverEntries(),
    platform: 'node',
    // the helpers that the compiler itself imports (decorators) are bundled; packages are not
    external: (id) => !/^(\.|\/|@parley|@oxc-project\/runtime)/.test(id) && !id.startsWith('\0'),
    resolve: { extensionAlias: { '.js': ['.ts', '.tsx', '.js'] } },
    plugins: [
      {
        name: 'parley-rooms',
        resolveId(id) {
          const match = /^@parley(-testing)?\/([a-z-]+)$/.exec(id);
          if (!match) return null;
          const file = resolve(root, 'libs', match[2], 'src', match[1] ? 'testing/index.ts' : 'index.ts');
          return existsSync(file) ? file : null;
        },
      },
    ],
    transform: { decorator: { legacy: true } },
    onLog(level, log, handler) {
      if (log.code === 'CIRCULAR_DEPENDENCY') return;
      handler(level, log);
    },
  });
  rmSync(resolve(root, 'dist/chunks'), { recursive: true, force: true });
  await bundle.write({
    dir: resolve(root, 'dist'),
    format: 'esm',
    sourcemap: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
  });
  await bundle.close();
}
