import { ParleyError } from '@parley/kernel';
import { existsSync } from 'node:fs';

/** Where the built thread lies as seen from this module: in an entry or a chunk of `dist/`, or in the source tree. */
const PLACES = [
  './threads/libsql.thread.js',
  '../threads/libsql.thread.js',
  '../../../../dist/threads/libsql.thread.js',
];

export function findThreadScript(from: string = import.meta.url): URL {
  const found = PLACES.map((place) => new URL(place, from)).find((url) => existsSync(url));
  if (found) return found;
  throw new ParleyError(
    'invalid_config',
    'dist/threads/libsql.thread.js is missing: build the project first.',
    {
      kind: 'failed_precondition',
    },
  );
}
