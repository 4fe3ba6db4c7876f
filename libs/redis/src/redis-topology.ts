import { ParleyError } from '@parley/kernel';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** How the Redis behind an address is kept up; an address alone is one server. */
export type RedisTopology =
  /** The sentinels say which server is the master; of the address only user, password, number and TLS count. */
  | { readonly kind: 'sentinel'; readonly sentinels: readonly HostPort[]; readonly master: string }
  /** The address is of one node; that one knows the others. */
  | { readonly kind: 'cluster' };

/** What `REDIS_SENTINELS`, `REDIS_SENTINEL_MASTER` and `REDIS_CLUSTER` say together. */
export function redisTopology(settings: {
  readonly redisSentinels: readonly HostPort[];
  readonly redisSentinelMaster: string;
  readonly redisCluster: boolean;
}): RedisTopology | undefined {
  const { redisSentinels: sentinels, redisSentinelMaster: master, redisCluster } = settings;
  if (redisCluster && sentinels.length > 0) {
    throw new ParleyError('invalid_config', 'REDIS_CLUSTER and REDIS_SENTINELS exclude each other.', {
      kind: 'failed_precondition',
    });
  }
  if (redisCluster) return { kind: 'cluster' };
  return sentinels.length > 0 ? { kind: 'sentinel', sentinels, master } : undefined;
}
