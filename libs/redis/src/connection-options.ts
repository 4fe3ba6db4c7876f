import type { ClusterOptions, RedisOptions } from 'ioredis';
import type { RedisTopology } from './redis-topology.js';

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
    // a master that became a replica keeps its connections: only a new one leads to the master of now
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
}

/** On top of `controlClientOptions`: the sentinels are watched, so that a new master is known as soon as they agree. */
export function sentinelClientOptions(
  { sentinels, master }: Extract<RedisTopology, { kind: 'sentinel' }>,
  url: string,
  random: () => number,
): Omit<RedisOptions, 'replyMapping'> {
  return {
    sentinels: sentinels.map(({ host, port }) => ({ host, port })),
    name: master,
    failoverDetector: true,
    updateSentinels: true,
    sentinelCommandTimeout: 500,
    sentinelRetryStrategy: (attempt) => reconnectDelayMs(attempt, random),
    enableTLSForSentinelMode: url.startsWith('rediss:'),
  };
}

/** What `Cluster` itself decides. */
type NotPerNode =
  | 'port'
  | 'host'
  | 'path'
  | 'sentinels'
  | 'retryStrategy'
  | 'enableOfflineQueue'
  | 'readOnly'
  | 'himportFieldsets';

/** The same promises for a cluster: its client tries a command again only where the slot has gone meanwhile. */
export function clusterClientOptions(
  url: string,
  commandTimeoutMs: number,
  random: () => number,
): Omit<ClusterOptions, 'redisOptions'> & { redisOptions: Omit<RedisOptions, 'replyMapping' | NotPerNode> } {
  const { username, password, protocol } = new URL(url);
  const {
    retryStrategy: _,
    enableOfflineQueue: __,
    ...node
  } = controlClientOptions(commandTimeoutMs, random);
  return {
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    clusterRetryStrategy: (attempt) => reconnectDelayMs(attempt, random),
    maxRedirections: 3,
    retryDelayOnFailover: 50,
    retryDelayOnClusterDown: 50,
    slotsRefreshTimeout: 1_000,
    slotsRefreshInterval: 5_000,
    redisOptions: {
      ...node,
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' ? { tls: {} } : {}),
    },
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
