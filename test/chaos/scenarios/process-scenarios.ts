import type { EntryOf } from '../chronicle.js';
import { Chronicle } from '../chronicle.js';
import { spread } from '../figures.js';
import type { Measurement } from '../report.js';
import { until } from '../../support/until.js';
import { signal } from '../faults/fault.js';
import { pause, type Scenario, type Stage } from './scenario.js';

const BACK_MS = 60_000;
/** After a blow: time for everyone to go on, and to say something. */
const ROUND_MS = 8_000;

/** The worker that most calls are on. */
function busiestWorker({ party, cluster }: Stage): string {
  const liveIds = new Set(party.callers.filter((caller) => !caller.leaving).map((caller) => caller.liveId));
  const owners = new Map<string, string>();
  for (const entry of party.history.entries) {
    if (entry.op === 'owner' && liveIds.has(entry.liveId)) owners.set(entry.liveId, entry.workerId);
  }
  const names = cluster.stack.names('worker');
  const countOf = (name: string): number => [...owners.values()].filter((owner) => owner === name).length;
  return names.reduce((most, name) => (countOf(name) > countOf(most) ? name : most), names[0] ?? '');
}

/** The gateway that most callers are on. */
function busiestGateway({ party, cluster }: Stage): string {
  const urls = new Map<string, string>();
  for (const entry of party.history.entries) {
    if (entry.op === 'line' && entry.url !== undefined) urls.set(entry.actor, entry.url);
  }
  const countOf = (name: string): number =>
    [...urls.values()].filter((url) => new URL(url).port === String(cluster.stack.portOf(name))).length;
  const names = cluster.stack.names('gateway');
  return names.reduce((most, name) => (countOf(name) > countOf(most) ? name : most), names[0] ?? '');
}

async function allUp({ cluster }: Stage): Promise<void> {
  await until('every process is up', () => cluster.processes.every((name) => cluster.isUp(name)), BACK_MS);
}

/** From each fault of a kind to each `resumed` of a cause that followed it. */
export function gapsAfter(
  { party }: Stage,
  kind: string,
  cause: EntryOf<'resumed'>['cause'],
): readonly number[] {
  const chronicle = new Chronicle(party.history.entries);
  const faults = chronicle.faults.filter((fault) => fault.kind === kind);
  return chronicle
    .all('resumed')
    .filter((resumed) => resumed.cause === cause)
    .flatMap(({ tMs }) => {
      const fault = faults.findLast(({ beginMs }) => beginMs <= tMs);
      return fault ? [tMs - fault.beginMs] : [];
    });
}

function disconnects({ party }: Stage): number {
  return party.history.entries.filter((entry) => entry.op === 'line' && entry.state === 'closed').length;
}

export const WORKER_KILL: Scenario = {
  name: 'worker-kill',
  claim: 'SIGKILL of a worker under live calls: no client is disconnected, nothing is lost, gap p95 ≤ 2.5 s',
  size: { sessions: 50, rounds: 20, minutes: 1 },
  cluster: { workers: 3, gateways: 1, proxied: [], restartPauseMs: 1_000 },
  pause: [500, 4_000],
  async play(stage) {
    const { size, cluster, fault, say } = stage;
    for (let round = 1; round <= size.rounds; round++) {
      await allUp(stage);
      const worker = busiestWorker(stage);
      say(`round ${round}: ${worker}`);
      const over = fault('worker-kill', worker);
      signal(cluster, worker, 'SIGKILL');
      over();
      await pause(ROUND_MS);
    }
    await allUp(stage);
    return [
      gapP95('gap after SIGKILL', gapsAfter(stage, 'worker-kill', 'worker'), 2_500),
      { what: 'client disconnects', value: disconnects(stage), unit: '', atMost: 0 },
    ];
  },
};

export const WORKER_STOP: Scenario = {
  name: 'worker-stop',
  claim: 'SIGSTOP of a worker for 6–10 s: gap p95 ≤ 6.5 s, nothing of the stale owner is heard',
  size: { sessions: 50, rounds: 5, minutes: 1 },
  cluster: { workers: 3, gateways: 1, proxied: [], restartPauseMs: 1_000 },
  pause: [500, 4_000],
  async play(stage) {
    const { size, cluster, fault, random, say } = stage;
    for (let round = 1; round <= size.rounds; round++) {
      const worker = busiestWorker(stage);
      const forMs = Math.round(random.between(6_000, 10_000));
      say(`round ${round}: ${worker} for ${forMs} ms`);
      const over = fault('worker-stop', worker);
      signal(cluster, worker, 'SIGSTOP');
      await pause(forMs);
      signal(cluster, worker, 'SIGCONT');
      over();
      await pause(ROUND_MS);
    }
    return [gapP95('gap after SIGSTOP', gapsAfter(stage, 'worker-stop', 'worker'), 6_500)];
  },
};

export const STALLS: Scenario = {
  name: 'stalls',
  claim: 'stalls of 1.9 s, one after the other: no call is moved',
  size: { sessions: 20, rounds: 0, minutes: 10 },
  cluster: { workers: 3, gateways: 1, proxied: [], restartPauseMs: 1_000 },
  pause: [500, 3_000],
  async play(stage) {
    const { size, cluster, fault, random } = stage;
    const endMs = performance.now() + size.minutes * 60_000;
    while (performance.now() < endMs) {
      const worker = random.pick(cluster.stack.names('worker'));
      const over = fault('worker-stall', worker);
      signal(cluster, worker, 'SIGSTOP');
      await pause(1_900);
      signal(cluster, worker, 'SIGCONT');
      over();
      await pause(random.between(1_500, 3_000));
    }
    const moved = stage.party.history.entries.filter((entry) => entry.op === 'resumed').length;
    return [{ what: 'calls moved', value: moved, unit: '', atMost: 0 }];
  },
};

export const GATEWAY_KILL: Scenario = {
  name: 'gateway-kill',
  claim: 'SIGKILL of a gateway: every client resumes at another, p95 ≤ 3 s, numbers contiguous',
  size: { sessions: 200, rounds: 1, minutes: 1 },
  cluster: { workers: 3, gateways: 2, proxied: [], restartPauseMs: 1_000 },
  pause: [2_000, 10_000],
  async play(stage) {
    const { size, cluster, fault, say } = stage;
    for (let round = 1; round <= size.rounds; round++) {
      await allUp(stage);
      const gateway = busiestGateway(stage);
      say(`round ${round}: ${gateway}`);
      const over = fault('gateway-kill', gateway);
      signal(cluster, gateway, 'SIGKILL');
      over();
      await pause(2 * ROUND_MS);
    }
    const gaps = gapsAfter(stage, 'gateway-kill', 'client');
    const cut = disconnects(stage);
    return [
      gapP95('from SIGKILL to resumed', gaps, 3_000),
      { what: 'clients cut off', value: cut, unit: '' },
      { what: 'clients resumed', value: gaps.length, unit: '', atLeast: cut },
    ];
  },
};

export const ROLLING_RESTART: Scenario = {
  name: 'rolling-restart',
  claim:
    'all workers restarted one after the other: nothing lost, added silence p95 ≤ 1.5 s, each drain ≤ 20 s',
  size: { sessions: 100, rounds: 1, minutes: 1 },
  cluster: { workers: 3, gateways: 1, proxied: [], restartPauseMs: 1_000 },
  pause: [1_000, 6_000],
  async play(stage) {
    const { size, cluster, fault, say, party } = stage;
    const drains: number[] = [];
    for (let round = 1; round <= size.rounds; round++) {
      for (const worker of cluster.stack.names('worker')) {
        await allUp(stage);
        const process = cluster.stack.process(worker);
        const over = fault('worker-drain', worker);
        const startedAtMs = performance.now();
        signal(cluster, worker, 'SIGTERM');
        await process?.exited;
        drains.push(performance.now() - startedAtMs);
        over();
        say(`${worker} was gone after ${Math.round(drains.at(-1) ?? 0)} ms`);
        await pause(ROUND_MS / 2);
      }
    }
    await allUp(stage);
    const told = party.history.entries.flatMap((entry) =>
      entry.op === 'resumed' && entry.cause === 'drain' ? [entry.gapMs] : [],
    );
    return [
      gapP95('silence that a move added, as told', told, 1_500),
      { what: 'longest drain', value: spread(drains).max, unit: 'ms', atMost: 20_000 },
      { what: 'client disconnects', value: disconnects(stage), unit: '', atMost: 0 },
    ];
  },
};

function gapP95(what: string, gaps: readonly number[], atMost: number): Measurement {
  const { p95, p50, max, count } = spread(gaps);
  return { what: `${what}, p95 of ${count} (p50 ${p50}, max ${max})`, value: p95, unit: 'ms', atMost };
}
