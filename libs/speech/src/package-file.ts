import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/**
 * The path of a data file inside an installed package. Looks into the folders that Node would look into, not at
 * the package's `exports`, which list code only. Throws when the package or the file is missing.
 */
export function packageFile(packageName: string, ...path: readonly string[]): string {
  for (const folder of require.resolve.paths(packageName) ?? []) {
    const file = join(folder, packageName, ...path);
    if (existsSync(file)) return file;
  }
  throw new Error(`${[packageName, ...path].join('/')} is not installed`);
}
