import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { silentLog, systemClock } from '@parley/kernel';
import { ControlRedis, RedisSessionDirectory, RedisWorkerRegistry } from '@parley/redis';
import type { OpenPlacementOptions, PlacementFixture } from '@parley-testing/placement';

const PREFIX = 'rt:{c0}:';

/** The Redis adapters on an empty server, with a second connection that looks and reaches behind them. */
export async function openRedisPlacement(
  url: string,
  options: OpenPlacementOptions = {},
): Promise<PlacementFixture & { readonly redis: ControlRedis }> {
  const admin = new Redis(url);
  await admin.flushall();
  const redis = new ControlRedis({
    url,
    clock: systemClock,
    random: Math.random,
    log: silentLog,
    commandTimeoutMs: 30_000,
  });
  await redis.whenConnected(20_000);
  return {
    redis,
    registry: new RedisWorkerRegistry(redis),
    directory: new RedisSessionDirectory(redis, options),
    age: (ms) => age(admin, ms),
    loseAll: () => flush(admin),
    check: () => checkConsistency(admin),
    async close() {
      redis.close();
      await admin.quit();
    },
  };
}

/** Lets Redis's clock go on: the emulated one counts whole milliseconds only. */
async function flush(admin: Redis): Promise<void> {
  const before = (await admin.time()).join('.');
  await admin.flushall();
  while ((await admin.time()).join('.') === before);
}

/** Redis's clock can't be set, so every deadline is moved instead. */
async function age(admin: Redis, ms: number): Promise<void> {
  for (const id of await admin.smembers(`${PREFIX}workers`)) {
    await admin.hincrby(`${PREFIX}w:${id}`, 'dl', -ms);
  }
  for (const liveId of await admin.zrange(`${PREFIX}reserved`, 0, '-1')) {
    await admin.zincrby(`${PREFIX}reserved`, -ms, liveId);
  }
}

/** I2, and that every key that points at another one is answered by it. */
async function checkConsistency(admin: Redis): Promise<void> {
  const keys = await admin.keys(`${PREFIX}*`);
  const known = new Set(['workers', 'ready', 'reserved', 'epoch'].map((name) => PREFIX + name));
  let runs = 0;
  for (const id of await admin.smembers(`${PREFIX}workers`)) {
    let cost = 0;
    for (const liveId of await admin.smembers(`${PREFIX}ws:${id}`)) {
      const run = await admin.hgetall(`${PREFIX}s:${liveId}`);
      const where = `${liveId} on ${id}`;
      expect(run.w, where).toBe(id);
      expect(await admin.get(`${PREFIX}scope:${run.scope}`), where).toBe(liveId);
      expect((await admin.zscore(`${PREFIX}reserved`, liveId)) !== null, where).toBe(run.st === 'reserved');
      cost += Number(run.c);
      runs += 1;
      known.add(`${PREFIX}s:${liveId}`).add(`${PREFIX}scope:${run.scope}`);
    }
    expect(Number(await admin.hget(`${PREFIX}w:${id}`, 'used')), id).toBe(cost);
    known.add(`${PREFIX}w:${id}`).add(`${PREFIX}ws:${id}`);
  }
  expect(keys.filter((key) => !known.has(key))).toEqual([]);
  expect(await admin.zcard(`${PREFIX}reserved`)).toBeLessThanOrEqual(runs);
}
