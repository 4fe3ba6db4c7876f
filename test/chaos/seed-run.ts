import { check } from './checker.js';
import { Cluster } from './cluster.js';
import { Party } from './conversation-party.js';
import { carryOut, planFaults } from './fault-plan.js';
import { reportOf, type Report } from './report.js';
import { SeededRandom } from './seeded-random.js';
import { until } from '../support/until.js';

export interface SeedRunOptions {
  readonly seed: number;
  readonly forMs: number;
  readonly sessions: number;
  readonly only: readonly string[] | undefined;
  readonly folder: string;
  readonly keepLogs: boolean;
}

const WORKERS = 3;
const GATEWAYS = 2;
const CAPACITY = 40;
/** A call that nobody can place for a minute may be given up; an answer is waited for as long. */
const PATIENCE_MS = 60_000;
const PROBE_EVERY_MS = 2_000;
const BACK_MS = 30_000;
const HOUR_MS = 3_600_000;

/** One run of everything: a cluster of its own, callers, faults as the seed has it, and the judgement. */
export async function runSeed({
  seed,
  forMs,
  sessions,
  only,
  folder,
  keepLogs,
}: SeedRunOptions): Promise<Report> {
  const random = new SeededRandom(seed);
  const skewed = random.chance(0.3) ? `worker-${Math.ceil(random.next() * WORKERS)}` : undefined;
  const skewMs = random.chance(0.5) ? HOUR_MS : -HOUR_MS;
  const cluster = await Cluster.start({
    ...{ workers: WORKERS, gateways: GATEWAYS, capacity: CAPACITY },
    proxied: ['links', 'redis'],
    restartPauseMs: 1_000,
    ...(skewed === undefined ? {} : { clockSkewMs: { [skewed]: skewMs } }),
  });
  let kept = keepLogs;
  try {
    const party = new Party({
      ...{ cluster, sessions, patienceMs: PATIENCE_MS },
      random: random.fork(),
      historyFile: `${folder}/${seed}.history.jsonl`,
      pause: [100, 1_200],
    });
    const { history, callers, observer } = party;
    if (skewed !== undefined) {
      history.add('chaos', { op: 'fault', id: 0, kind: 'clock-skew', target: skewed, phase: 'begin' });
    }
    await party.begin();
    const plan = planFaults({
      random: random.fork(),
      targets: {
        workers: cluster.stack.names('worker'),
        gateways: cluster.stack.names('gateway'),
        callers: callers.map(({ name }) => name),
      },
      ...{ forMs, only, pause: [600, 3_500] },
    });
    party.talk();
    observer.keepProbing(PROBE_EVERY_MS);
    const scene = { cluster, callers, observer };
    await Promise.all([
      carryOut(plan, scene, ({ id, kind, aimed: { target } }, phase) => {
        history.add('chaos', { op: 'fault', id, kind, target, phase });
      }),
      new Promise((resolve) => setTimeout(resolve, forMs)),
    ]);
    await until(
      'every process is back',
      () => cluster.processes.every((name) => cluster.isUp(name)),
      BACK_MS,
    );
    await party.hush();
    const machineLagMs = await party.finish();
    const violations = check(history.entries);
    kept ||= violations.length > 0;
    return reportOf({ name: 'chaos', seed, sessions, machineLagMs, violations, entries: history.entries });
  } finally {
    await cluster.stop({ keep: kept });
    if (kept) process.stdout.write(`logs and database: ${cluster.dataDir}\n`);
  }
}
