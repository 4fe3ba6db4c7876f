import { mkdir, rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { rolldown } from 'rolldown';

/** Inside the project, so that a bundle finds its packages. */
const DIR = resolve('.cache/programs');

const bundled = new Map<string, Promise<string>>();

/** A program as it stands in the sources, bundled once per test process into a file that Node can run. */
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
  const { output } = await program.generate({ format: 'esm' });
  await program.close();
  const file = resolve(DIR, `${entry.replaceAll(/\W+/g, '-')}.mjs`);
  // Test processes that bundle the same program at once replace each other's file whole.
  const draft = `${file}.${process.pid}`;
  await mkdir(DIR, { recursive: true });
  await writeFile(draft, output[0].code);
  await rename(draft, file);
  return file;
}
