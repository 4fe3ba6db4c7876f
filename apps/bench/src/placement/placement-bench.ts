import { setTimeout as pause } from 'node:timers/promises';
import { silentLog, systemClock } from '@parley/kernel';
import { SESSION_COST, SessionPlacer } from '@parley/placement';
import { ControlRedis, RedisSessionDirectory, RedisWorkerRegistry, startLocalRedis } from '@parley/redis';
import { Delays, type DelaySummary } from '../load/delays.js';
import { MachineLag } from '../load/machine-lag.js';
import { BarePlacement } from './bare-placement.js';

export interface PlacementBenchOptions {
  /** The built `apps/redis`, for machines without a Redis server. */
  readonly embeddedRedis: string;
  readonly seconds: number;
  readonly bursts: number;
}

export interface PlacementBenchResult {
  readonly engine: string;
  readonly perSecond: number;
  readonly workers: number;
  readonly burstSize: number;
  readonly bare: PlacementSide;
  readonly parley: PlacementSide;
  /** How late this process's own timers were. */
  readonly lagP99Ms: number;
}

export interface PlacementSide {
  /** From the moment at which a placement was due, in open loop. */
  readonly open: DelaySummary;
  /** From the first call of a burst to its last answer, each in milliseconds. */
  readonly burstsMs: readonly number[];
}

type Place = (liveId: string) => Promise<unknown>;

const WORKERS = ['w1', 'w2', 'w3', 'w4'];
const PER_SECOND = 100;
const BURST = 500;
const CAPACITY = 100_000 * SESSION_COST;
const LEASE_MS = 3_600_000;

/** Placements in open loop and in bursts, by Parley and by a bare script on the same Redis, in turns. */
export async function benchPlacement(options: PlacementBenchOptions): Promise<PlacementBenchResult> {
  const server = await startLocalRedis({ prefer: 'server', embeddedProgram: options.embeddedRedis });
  const connect = () =>
    new ControlRedis({
      url: server.url,
      clock: systemClock,
      random: Math.random,
      log: silentLog,
      commandTimeoutMs: 10_000,
    });
  const [redis, bareRedis] = [connect(), connect()];
  try {
    await Promise.all([redis.whenConnected(10_000), bareRedis.whenConnected(10_000)]);
    const registry = new RedisWorkerRegistry(redis);
    const bare = new BarePlacement(bareRedis);
    for (const workerId of WORKERS) {
      const incarnation = `${workerId}-1`;
      const address = '127.0.0.1:7946';
      await registry.register({ workerId, incarnation, address, capacity: CAPACITY, leaseMs: LEASE_MS });
      await bare.register(workerId, CAPACITY);
    }
    const directory = new RedisSessionDirectory(redis);
    const placer = new SessionPlacer({ registry, directory, clock: systemClock, random: Math.random });
    const byBare: Place = (liveId) => bare.place(liveId, WORKERS.slice(0, 3), SESSION_COST);
    const byParley: Place = (liveId) =>
      placer.place({ liveId, scope: `bench/app/user/${liveId}`, tenantId: 'bench', cost: SESSION_COST });
    await openLoop([byBare, byParley], 1);
    const lag = new MachineLag();
    const [bareDelays, delays] = await openLoop([byBare, byParley], options.seconds);
    const bareBursts: number[] = [];
    const bursts: number[] = [];
    for (let i = 0; i < options.bursts; i++) {
      bareBursts.push(await burst(byBare));
      bursts.push(await burst(byParley));
      // the next one with a fresh picture of the fleet, as a burst out of the blue has it
      await pause(1_100);
    }
    return {
      ...{ engine: server.engine, perSecond: PER_SECOND, workers: WORKERS.length, burstSize: BURST },
      bare: { open: bareDelays.summary(), burstsMs: bareBursts },
      parley: { open: delays.summary(), burstsMs: bursts },
      lagP99Ms: lag.stop(),
    };
  } finally {
    redis.close();
    bareRedis.close();
    await server.stop();
  }
}

let placed = 0;

/** One placement of each every 1/100 s, due whether or not the ones before have been answered. */
async function openLoop(
  [first, second]: readonly [Place, Place],
  seconds: number,
): Promise<[Delays, Delays]> {
  const delays: [Delays, Delays] = [new Delays(), new Delays()];
  const answers: Promise<void>[] = [];
  const startedMs = performance.now();
  const time = async (place: Place, kept: Delays, dueMs: number): Promise<void> => {
    await place(`live_${(placed += 1)}`);
    kept.add(performance.now() - dueMs);
  };
  for (let i = 0; i < seconds * PER_SECOND; i++) {
    const dueMs = startedMs + (i * 1_000) / PER_SECOND;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await pause(waitMs);
    // half a step apart: neither waits for the other
    answers.push(time(first, delays[0], dueMs));
    const secondDueMs = dueMs + 500 / PER_SECOND;
    answers.push(
      pause(Math.max(0, secondDueMs - performance.now())).then(() => time(second, delays[1], secondDueMs)),
    );
  }
  await Promise.all(answers);
  return delays;
}

async function burst(place: Place): Promise<number> {
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: BURST }, () => place(`live_${(placed += 1)}`)));
  return performance.now() - startedMs;
}
