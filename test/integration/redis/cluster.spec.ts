import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRedisBinary, RedisRunJournal } from '@parley/redis';
import {
  describePlacementModel,
  describeRunJournal,
  describeSessionDirectory,
  describeWorkerRegistry,
  type OpenPlacement,
} from '@parley-testing/placement';
import { openRedisJournal } from '../../support/redis/redis-journal.js';
import { openRedisPlacement } from '../../support/redis/redis-placement.js';
import { startClusteredRedis, type ClusteredRedis } from '../../support/redis/redis-processes.js';

const binary = await findRedisBinary();

describe.skipIf(!binary)('Redis Cluster (skipped without redis-server on the PATH)', () => {
  let cluster: ClusteredRedis;
  beforeAll(async () => {
    if (binary) cluster = await startClusteredRedis(binary);
  });
  afterAll(() => cluster.stop());

  const open: OpenPlacement = async (times) =>
    openRedisPlacement(cluster.url, times, {
      topology: { kind: 'cluster' },
      adminUrl: await cluster.urlOf('rt:{c0}:epoch'),
    });
  describeWorkerRegistry('RedisPlacement in a cluster', open);
  describeSessionDirectory('RedisPlacement in a cluster', open);
  describePlacementModel('RedisPlacement in a cluster', open, { runs: 20, seed: 20_261_123 });
  describeRunJournal('RedisRunJournal in a cluster', () =>
    openRedisJournal(cluster.url, {
      topology: { kind: 'cluster' },
      adminUrlOf: (key) => cluster.urlOf(key),
    }),
  );

  it('spreads journals over the nodes, and keeps the control plane on one', async () => {
    const urls = await Promise.all(
      Array.from({ length: 40 }, (_, i) => cluster.urlOf(`sd:{live_${i}}:meta`)),
    );
    expect(new Set(urls).size).toBe(3);
    const control = await Promise.all(
      ['w:w1', 'ended:live_1', 'scope:a'].map((key) => cluster.urlOf(`rt:{c0}:${key}`)),
    );
    expect(new Set(control).size).toBe(1);
    const { redis, close } = await openRedisPlacement(cluster.url, {}, { topology: { kind: 'cluster' } });
    const journal = new RedisRunJournal(redis);
    for (let i = 0; i < 40; i += 1) await journal.save(`live_${i}`, 1, { startedAtMs: i, attach: 0 });
    for (let i = 0; i < 40; i += 1) expect(await journal.load(`live_${i}`)).toMatchObject({ startedAtMs: i });
    await close();
  });
});
