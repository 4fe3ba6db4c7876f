import { renameSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/*
 * Loaded by `node --import` into one process of the service: at SIGUSR2 it collects its garbage, and writes to `?file=`
 * what is left. What is garbage and has not been collected yet is nobody's cost.
 */
const file = new URL(import.meta.url).searchParams.get('file');
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
let looks = 0;

process.on('SIGUSR2', () => {
  // buffers are let go by the collection after the one that found them
  collect();
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  writeFileSync(`${file}.new`, JSON.stringify({ look: (looks += 1), heapUsed, external, rss }));
  renameSync(`${file}.new`, file);
});
