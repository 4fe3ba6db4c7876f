import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runBareGateway } from './bare/bare-gateway.js';
import { runBareWorker } from './bare/bare-worker.js';
import { benchLive } from './live/live-bench.js';
import { printLiveReport } from './live/live-report.js';
import { runCallers, type CallersOptions } from './load/callers.js';
import { runModelServer } from './load/model-server.js';
import { benchPlacement } from './placement/placement-bench.js';
import { printPlacementReport } from './placement/placement-report.js';
import { benchRelay } from './relay-bench.js';
import { printSummary, summarize } from './report.js';
import { SHAPES } from './shape.js';

/*
 * npm run bench:relay [-- --sessions N --seconds N --rounds N --json FILE]
 * npm run bench:live [-- --rounds N --json FILE]
 * npm run bench:placement [-- --seconds N --bursts N --json FILE]
 * The other roles are children of the first.
 */
const [role = '', json = '{}'] = process.argv.slice(2);

switch (role) {
  case 'model':
    runModelServer();
    break;
  case 'bare-gateway':
    runBareGateway((JSON.parse(json) as { workerPort: number }).workerPort);
    break;
  case 'bare-worker':
    runBareWorker((JSON.parse(json) as { modelUrl: string }).modelUrl);
    break;
  case 'live':
    await live(process.argv.slice(3));
    break;
  case 'placement':
    await placement(process.argv.slice(3));
    break;
  case 'callers':
    await runCallers(JSON.parse(json) as CallersOptions);
    break;
  default:
    await main();
}

async function live(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { rounds: { type: 'string', default: '20' }, json: { type: 'string' } },
  });
  const result = await benchLive({ rounds: Number(values.rounds) });
  printLiveReport(result, (line) => void process.stdout.write(`${line}\n`));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
  process.exit(0);
}

async function placement(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '30' },
      bursts: { type: 'string', default: '10' },
      json: { type: 'string' },
    },
  });
  const embeddedRedis = fileURLToPath(new URL('redis.js', import.meta.url));
  const [seconds, bursts] = [Number(values.seconds), Number(values.bursts)];
  const result = await benchPlacement({ embeddedRedis, seconds, bursts });
  printPlacementReport(result, (line) => void process.stdout.write(`${line}\n`));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
  process.exit(0);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      sessions: { type: 'string', default: '60' },
      seconds: { type: 'string', default: '10' },
      rounds: { type: 'string', default: '3' },
      json: { type: 'string' },
    },
  });
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const run = {
    sessions: Number(values.sessions),
    seconds: Number(values.seconds),
    rounds: Number(values.rounds),
  };
  const machine = {
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  say(
    `${run.sessions} sessions, ${run.rounds} rounds of ${run.seconds} s each; ${machine.cores} cores, Node ${machine.node}`,
  );
  const results = await benchRelay(SHAPES, {
    ...run,
    program: fileURLToPath(import.meta.url),
    onProgress: say,
  });
  const summaries = results.map(summarize);
  for (const summary of summaries) printSummary(summary, say);
  if (values.json !== undefined) {
    await writeFile(values.json, `${JSON.stringify({ machine, run, summaries, results }, undefined, 2)}\n`);
  }
  process.exit(0);
}
