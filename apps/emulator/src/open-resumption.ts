import type { ResumptionStore } from '@parley/emulator';
import { systemClock, type Log } from '@parley/kernel';
import { ControlRedis } from '@parley/redis';
import type { ProgramOptions } from './program-options.js';
import { RedisResumptionStore } from './redis-resumption-store.js';

export interface OpenResumption {
  readonly store: ResumptionStore;
  readonly secret: string;
  close(): void;
}

const CONNECT_MS = 10_000;
/** A snapshot may be large. */
const COMMAND_TIMEOUT_MS = 5_000;

/** Connects to the Redis that keeps snapshots, if there is to be one; rejects when it can't be reached. */
export async function openResumption(
  wanted: ProgramOptions['resumption'],
  log: Log,
): Promise<OpenResumption | undefined> {
  if (!wanted) return undefined;
  const redis = new ControlRedis({
    url: wanted.redisUrl,
    clock: systemClock,
    random: Math.random,
    log,
    commandTimeoutMs: COMMAND_TIMEOUT_MS,
  });
  try {
    await redis.whenConnected(CONNECT_MS);
  } catch (error) {
    redis.close();
    throw error;
  }
  return { store: new RedisResumptionStore(redis), secret: wanted.secret, close: () => redis.close() };
}
