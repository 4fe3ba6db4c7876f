import { audioPauses } from '../audio-pauses.js';
import { Chronicle } from '../chronicle.js';
import type { Measurement } from '../report.js';
import { gapsAfter } from './process-scenarios.js';
import { pause, type Scenario, type Stage } from './scenario.js';

const PROBE_EVERY_MS = 1_000;
const SETTLE_MS = 5_000;

async function outage(
  stage: Stage,
  kind: 'redis-kill' | 'redis-stop' | 'redis-flush',
  forMs: number,
): Promise<void> {
  const { cluster, fault, party } = stage;
  const over = fault(kind, 'redis');
  if (kind === 'redis-flush') await party.observer.redis.flush();
  else cluster.stack.localRedis?.kill(kind === 'redis-kill' ? 'SIGKILL' : 'SIGSTOP');
  await pause(forMs);
  if (kind === 'redis-kill') await cluster.stack.restartRedis();
  if (kind === 'redis-stop') cluster.stack.localRedis?.kill('SIGCONT');
  over();
  await pause(2 * SETTLE_MS);
}

export const REDIS_OUTAGE: Scenario = {
  name: 'redis-outage',
  claim:
    'Redis killed, frozen and flushed: no audio gap of 200 ms, new calls refused in ≤ 300 ms, all well 5 s after its return',
  size: { sessions: 20, rounds: 1, minutes: 1 },
  cluster: { workers: 3, gateways: 1, proxied: ['redis'], restartPauseMs: 1_000 },
  pause: [300, 1_500],
  async play(stage) {
    const { size, party, say } = stage;
    party.observer.keepProbing(PROBE_EVERY_MS);
    await pause(SETTLE_MS);
    for (let round = 1; round <= size.rounds; round++) {
      for (const kind of ['redis-kill', 'redis-stop', 'redis-flush'] as const) {
        say(kind);
        await outage(stage, kind, kind === 'redis-flush' ? 0 : size.minutes * 60_000);
      }
    }
    const chronicle = new Chronicle(party.history.entries);
    return chronicle.faults.flatMap((fault): readonly Measurement[] => {
      const probes = chronicle.all('probe');
      const during = probes.filter(({ tMs, ms }) => tMs - ms > fault.beginMs + 1_000 && tMs < fault.endMs);
      const good = probes.find(({ tMs, code }) => tMs > fault.endMs && code === '');
      const owned = ownedAgainMs(chronicle, fault.endMs);
      return [
        ...(during.length === 0
          ? []
          : [
              {
                what: `${fault.kind}: slowest of ${during.length} refusals`,
                value: Math.round(Math.max(...during.map(({ ms }) => ms))),
                unit: 'ms',
                atMost: 300,
              },
              {
                what: `${fault.kind}: longest silence in the middle of a turn`,
                value: Math.round(longestSilence(chronicle, fault.beginMs, fault.endMs)),
                unit: 'ms',
                atMost: 200,
              },
            ]),
        {
          what: `${fault.kind}: a new call after its end`,
          value: good ? Math.round(good.tMs - fault.endMs) : Number.POSITIVE_INFINITY,
          unit: 'ms',
          atMost: 5_000,
        },
        { what: `${fault.kind}: every run on record again`, value: owned, unit: 'ms', atMost: 5_000 },
      ];
    });
  },
};

/** How long after a moment the last run was seen that had no living owner. */
function ownedAgainMs(chronicle: Chronicle, fromMs: number): number {
  const missing = chronicle.entries.findLast(
    (entry) =>
      entry.tMs > fromMs &&
      entry.tMs < fromMs + 2 * SETTLE_MS &&
      (entry.op === 'unowned' || (entry.op === 'owner' && !entry.alive)),
  );
  return missing ? Math.round(missing.tMs - fromMs) : 0;
}

function longestSilence(chronicle: Chronicle, fromMs: number, toMs: number): number {
  const gaps = [...chronicle.callers().values()].flatMap((seen) =>
    audioPauses(seen.filter(({ tMs }) => tMs >= fromMs && tMs <= toMs)).map(({ ms }) => ms),
  );
  return gaps.reduce((longest, gap) => Math.max(longest, gap), 0);
}

export const PARTITIONS: Scenario = {
  name: 'partitions',
  claim:
    'a worker cut off from Redis alone keeps its calls; one cut off from gateways alone loses them within 12 s',
  size: { sessions: 20, rounds: 2, minutes: 1 },
  cluster: { workers: 3, gateways: 1, proxied: ['links', 'redis'], restartPauseMs: 1_000 },
  pause: [500, 3_000],
  async play(stage) {
    const { size, cluster, fault, random, say, party } = stage;
    const resumedBefore = (): number =>
      party.history.entries.filter((entry) => entry.op === 'resumed').length;
    let movedWithoutRedis = 0;
    for (let round = 1; round <= size.rounds; round++) {
      const worker = random.pick(cluster.stack.names('worker'));
      say(`round ${round}: ${worker} without Redis`);
      const before = resumedBefore();
      const back = fault('partition-worker-redis', worker);
      cluster.stack.redisProxy(worker)?.hold();
      await pause(10_000);
      await cluster.stack.redisProxy(worker)?.heal();
      back();
      await pause(SETTLE_MS);
      movedWithoutRedis += resumedBefore() - before;
      say(`round ${round}: ${worker} without gateways`);
      const healed = fault('partition-worker-gateways', worker);
      cluster.stack.linkProxy(worker)?.hold();
      await pause(16_000);
      await cluster.stack.linkProxy(worker)?.heal();
      healed();
      await pause(SETTLE_MS);
    }
    const gaps = gapsAfter(stage, 'partition-worker-gateways', 'worker').concat(
      gapsAfter(stage, 'partition-worker-gateways', 'drain'),
    );
    return [
      {
        what: 'calls moved while their worker was without Redis',
        value: movedWithoutRedis,
        unit: '',
        atMost: 0,
      },
      { what: 'calls moved from a worker without gateways', value: gaps.length, unit: '', atLeast: 1 },
      {
        what: 'longest time to move one',
        value: Math.round(Math.max(0, ...gaps)),
        unit: 'ms',
        atMost: 12_000,
      },
    ];
  },
};
