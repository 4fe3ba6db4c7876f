import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { silentLog, systemClock } from '@parley/kernel';
import {
  ControlRedis,
  RedisSessionDirectory,
  RedisWorkerRegistry,
  type ControlRedisOptions,
} from '@parley/redis';
import type { PlacementTimes } from '@parley/placement';
import type { PlacementFixture } from '@parley-testing/placement';

const PREFIX = 'rt:{c0}:';

/** The Redis adapters on an empty server, with a second connection that looks and reaches behind them. */
export async function openRedisPlacement(
  url: string,
  times: Partial<PlacementTimes> = {},
  options: Pick<ControlRedisOptions, 'topology'> & { readonly adminUrl?: string } = {},
): Promise<PlacementFixture & { readonly redis: ControlRedis }> {
  const { topology, adminUrl = url } = options;
  const admin = new Redis(adminUrl);
  await admin.flushall();
  const redis = new ControlRedis({
    url,
    topology,
    clock: systemClock,
    random: Math.random,
    log: silentLog,
    commandTimeoutMs: 30_000,
  });
  await redis.whenConnected(20_000);
  return {
    redis,
    registry: new RedisWorkerRegistry(redis, times),
    directory: new RedisSessionDirectory(redis, times),
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

/** Redis's clock can't be set, so every deadline is moved instead, in one step: others may be at work meanwhile. */
async function age(admin: Redis, ms: number): Promise<void> {
  await admin.eval(AGE_LUA, 0, PREFIX, ms);
}

const AGE_LUA = `
local prefix, ms = ARGV[1], tonumber(ARGV[2])
for _, id in ipairs(redis.call('SMEMBERS', prefix .. 'workers')) do
  redis.call('HINCRBY', prefix .. 'w:' .. id, 'dl', -ms)
  local commands = redis.call('HGETALL', prefix .. 'cmd:' .. id)
  for i = 1, #commands, 2 do
    local what, expires = string.match(commands[i + 1], '^(%a+ %d+) (%d+)$')
    redis.call('HSET', prefix .. 'cmd:' .. id, commands[i], what .. ' ' .. string.format('%.0f', expires - ms))
  end
end
for _, index in ipairs({ 'reserved', 'orphans' }) do
  for _, live_id in ipairs(redis.call('ZRANGE', prefix .. index, 0, -1)) do
    redis.call('ZINCRBY', prefix .. index, -ms, live_id)
  end
end
for _, key in ipairs(redis.call('KEYS', prefix .. 'ended:*')) do
  local left = redis.call('PTTL', key) - ms
  if left > 0 then redis.call('PEXPIRE', key, left) else redis.call('DEL', key) end
end
`;

/** I2, and that every key that points at another one is answered by it. */
async function checkConsistency(admin: Redis): Promise<void> {
  const keys = await admin.keys(`${PREFIX}*`);
  const known = new Set(['workers', 'ready', 'reserved', 'orphans', 'epoch'].map((name) => PREFIX + name));
  const inIndex = async (name: string, liveId: string) =>
    (await admin.zscore(PREFIX + name, liveId)) !== null;
  const checkRun = async (liveId: string, where: string) => {
    const run = await admin.hgetall(`${PREFIX}s:${liveId}`);
    expect(await admin.get(`${PREFIX}scope:${run.scope}`), where).toBe(liveId);
    expect(await inIndex('reserved', liveId), where).toBe(run.st === 'reserved');
    expect(await inIndex('orphans', liveId), where).toBe(run.st === 'orphaned');
    expect(await admin.exists(`${PREFIX}ended:${liveId}`), where).toBe(0);
    known.add(`${PREFIX}s:${liveId}`).add(`${PREFIX}scope:${run.scope}`);
    return run;
  };
  let runs = 0;
  for (const id of await admin.smembers(`${PREFIX}workers`)) {
    let cost = 0;
    for (const liveId of await admin.smembers(`${PREFIX}ws:${id}`)) {
      const run = await checkRun(liveId, `${liveId} on ${id}`);
      expect(run.w, liveId).toBe(id);
      expect(run.st, liveId).not.toBe('orphaned');
      cost += Number(run.c);
      runs += 1;
    }
    expect(Number(await admin.hget(`${PREFIX}w:${id}`, 'used')), id).toBe(cost);
    known.add(`${PREFIX}w:${id}`).add(`${PREFIX}ws:${id}`).add(`${PREFIX}cmd:${id}`);
  }
  for (const liveId of await admin.zrange(`${PREFIX}orphans`, 0, '-1')) await checkRun(liveId, 'orphans');
  expect(keys.filter((key) => !known.has(key) && !key.startsWith(`${PREFIX}ended:`))).toEqual([]);
  expect(await admin.zcard(`${PREFIX}reserved`)).toBeLessThanOrEqual(runs);
}
