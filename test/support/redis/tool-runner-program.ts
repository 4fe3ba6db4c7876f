import { ToolJobRunner } from '@parley/jobs';
import { silentLog, sleep, systemClock } from '@parley/kernel';
import { queueConnectionOptions } from '@parley/redis';

/** A tool-runner to be killed: argv is the address of Redis. Says `started` when its tool, which never ends, runs. */
const runner = new ToolJobRunner({
  connection: queueConnectionOptions(process.argv[2] ?? '', Math.random),
  clock: systemClock,
  log: silentLog,
  stall: { lockMs: 1_000, stalledCheckMs: 500 },
  async run() {
    process.stdout.write('started\n');
    for (;;) await sleep(systemClock, 60_000);
  },
});
await runner.whenReady();
process.stdout.write('ready\n');
