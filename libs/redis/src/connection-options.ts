import type { RedisOptions } from 'ioredis';

/** Steps of 50 ms up to a second, scattered, so that a fleet doesn't come back in one moment. */
const reconnectDelayMs = (attempt: number, random: () => number): number =>
  Math.min(50 * attempt, 1_000) + 100 * random();

/**
 * For the control plane: every command answers or fails within `commandTimeoutMs`, at once while there is no connection.
 * Without these a command stays pending for more than 15 s when Redis is killed or frozen.
 */
export function controlClientOptions(
  commandTimeoutMs: number,
  random: () => number,
): Omit<RedisOptions, 'replyMapping'> {
  return {
    protocol: 2,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 1_000,
    socketTimeout: 2_000,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    enableAutoPipelining: true,
    retryStrategy: (attempt) => reconnectDelayMs(attempt, random),
  };
}

/** Plain data for whoever opens connections of its own, as BullMQ does. */
export interface QueueConnectionOptions {
  readonly url: string;
  readonly protocol: 2;
  readonly connectTimeout: number;
  readonly maxRetriesPerRequest: null;
  readonly retryStrategy: (attempt: number) => number;
}

/** For BullMQ: commands wait for the connection however long it takes, as its blocking reads need. */
export function queueConnectionOptions(url: string, random: () => number): QueueConnectionOptions {
  return {
    url,
    protocol: 2,
    connectTimeout: 5_000,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => reconnectDelayMs(attempt, random),
  };
}
