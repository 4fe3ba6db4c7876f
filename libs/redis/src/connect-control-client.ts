import { Cluster, Redis } from 'ioredis';
import { clusterClientOptions, controlClientOptions, sentinelClientOptions } from './connection-options.js';
import type { RedisTopology } from './redis-topology.js';

/** A client of the control plane; it connects at once, and again whenever it has to. */
export function connectControlClient(
  url: string,
  topology: RedisTopology | undefined,
  commandTimeoutMs: number,
  random: () => number,
): Redis | Cluster {
  switch (topology?.kind) {
    case undefined:
      return new Redis(url, controlClientOptions(commandTimeoutMs, random));
    case 'sentinel':
      return new Redis(url, {
        ...controlClientOptions(commandTimeoutMs, random),
        ...sentinelClientOptions(topology, url, random),
      });
    case 'cluster':
      return new Cluster([url], clusterClientOptions(url, commandTimeoutMs, random));
  }
}
