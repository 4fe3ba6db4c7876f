import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { rolldown } from 'rolldown';

const bundled = new Map<string, Promise<string>>();
let dir: string | undefined;

/** A program as it stands in the sources, bundled once per test process so that Node can run it; removed at its end. */
export function bundledProgram(entry: string): Promise<string> {
  let program = bundled.get(entry);
  if (!program) {
    program = bundle(entry);
    bundled.set(entry, program);
  }
  return program;
}

async function bundle(entry: string): Promise<string> {
  const program = await rolldown({
    input: entry,
    platform: 'node',
    external: (id) => /^[a-z@]/.test(id) && !id.startsWith('@parley') && id !== entry,
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    plugins: [
      {
        name: 'rooms',
        resolveId: (id) => (id.startsWith('@parley/') ? resolve('libs', id.slice(8), 'src/index.ts') : null),
      },
    ],
  });
  const file = resolve(programDir(), `${entry.replaceAll(/\W+/g, '-')}.mjs`);
  await program.write({ file, format: 'esm' });
  await program.close();
  return file;
}

/** Inside the project, so that a bundle finds its packages. */
function programDir(): string {
  if (dir === undefined) {
    mkdirSync('.cache', { recursive: true });
    const made = mkdtempSync(resolve('.cache/programs-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    dir = made;
  }
  return dir;
}
