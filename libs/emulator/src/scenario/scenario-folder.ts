import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ParleyError } from '@parley/kernel';
import { readScenario, type ScenarioInput } from './scenario.js';

const SUFFIX = '.scenario.json';

/**
 * The scenarios of all `*.scenario.json` in a folder, by their file names without that ending. Throws
 * `invalid_config`, which names the file, when one can't be read or is not valid.
 */
export function readScenarioFolder(folder: string): Record<string, ScenarioInput> {
  const files = attempt(folder, () => readdirSync(folder)).filter((file) => file.endsWith(SUFFIX));
  return Object.fromEntries(
    files.sort().map((file) => {
      const path = join(folder, file);
      const value: unknown = attempt(path, (): unknown => JSON.parse(readFileSync(path, 'utf8')));
      const name = file.slice(0, -SUFFIX.length);
      readScenario(name, value);
      return [name, value as ScenarioInput];
    }),
  );
}

function attempt<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ParleyError('invalid_config', `${path} can not be read: ${why}`, {
      kind: 'invalid_argument',
      cause,
    });
  }
}
