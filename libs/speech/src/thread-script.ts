import { existsSync } from 'node:fs';
import { ParleyError } from '@parley/kernel';

const SCRIPT = 'threads/speech.thread.js';

/** Where the built script of the speech threads may lie, as seen from this module. */
const PLACES = [
  `./${SCRIPT}`, // this module is in a program, dist/<app>.js
  `../${SCRIPT}`, // … in a chunk, dist/chunks/<name>.js
  `../../../dist/${SCRIPT}`, // … in its source, libs/speech/src
];

/** The script that a build of Parley puts into `dist/`. Throws `invalid_config` when there is none. */
export function builtThreadScript(): URL {
  for (const place of PLACES) {
    const script = new URL(place, import.meta.url);
    if (existsSync(script)) return script;
  }
  throw new ParleyError('invalid_config', `${SCRIPT} is not built: run "npm run build".`, {
    kind: 'failed_precondition',
  });
}
