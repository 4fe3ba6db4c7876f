import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { silentLog, systemClock, toParleyError } from '@parley/kernel';
import { ControlRedis, RedisSessionDirectory, RedisWorkerRegistry, type LocalRedis } from '@parley/redis';
import { aWish, aWorker } from '@parley-testing/placement';
import { eventually } from '../../support/redis/eventually.js';
import { describeOnEveryRedis, startRedis } from '../../support/redis/start-redis.js';

/** 250 ms by contract; the rest is for a machine that does other things too. */
const REFUSED_WITHIN_MS = 2_000;

await describeOnEveryRedis('ControlRedis', (kind) => {
  let server: LocalRedis;
  beforeAll(async () => {
    server = await startRedis(kind);
  });
  afterAll(() => server.stop());

  const connect = async (url = server.url, patience: { commandTimeoutMs?: number } = {}) => {
    const redis = new ControlRedis({
      ...{ url, clock: systemClock, random: Math.random, log: silentLog },
      ...patience,
    });
    await redis.whenConnected(20_000);
    return redis;
  };
  const refusalOf = async (call: Promise<unknown>) => {
    const startedAtMs = performance.now();
    const error = await call.then(
      () => undefined,
      (thrown: unknown) => toParleyError(thrown),
    );
    expect(performance.now() - startedAtMs).toBeLessThan(REFUSED_WITHIN_MS);
    return error;
  };
  const away = { code: 'control_plane_unavailable', retryable: true, retryAfterMs: 2_000 };

  it('runs its scripts again after Redis forgot them', async () => {
    const redis = await connect(server.url, { commandTimeoutMs: 20_000 });
    const admin = new Redis(server.url);
    const registry = new RedisWorkerRegistry(redis);
    await registry.register(aWorker('w1'));
    await admin.script('FLUSH');
    expect(await registry.list()).toHaveLength(1);
    await admin.quit();
    redis.close();
  });

  it('refuses quickly while Redis is frozen, and works again when it goes on', async () => {
    const redis = await connect();
    const directory = new RedisSessionDirectory(redis);
    server.kill('SIGSTOP');
    try {
      expect(await refusalOf(directory.place(aWish('live1')))).toMatchObject(away);
      expect(await refusalOf(directory.find('live1'))).toMatchObject(away);
    } finally {
      server.kill('SIGCONT');
    }
    await eventually(async () => expect(await directory.sweep()).toBe(0));
    redis.close();
  });

  it('refuses at once when Redis is gone, and says that it is not connected', async () => {
    const doomed = await startRedis(kind);
    const redis = await connect(doomed.url);
    expect(redis.connected).toBe(true);
    doomed.kill('SIGKILL');
    await doomed.ended;
    const directory = new RedisSessionDirectory(redis);
    expect(await refusalOf(directory.sweep())).toMatchObject(away);
    await eventually(() => expect(redis.connected).toBe(false));
    expect(await refusalOf(directory.sweep())).toMatchObject(away);
    expect(await refusalOf(redis.whenConnected(10))).toMatchObject(away);
    redis.close();
    redis.close();
  });

  it('refuses costs and capacities that are no whole hundredths before anything is written', async () => {
    const redis = await connect();
    const registry = new RedisWorkerRegistry(redis);
    const directory = new RedisSessionDirectory(redis);
    const before = await registry.list();
    for (const wrong of [0, -1, 0.5, Number.NaN]) {
      await expect(registry.register(aWorker('w9', { capacity: wrong }))).rejects.toThrow('capacity');
      await expect(directory.place(aWish('live9', { cost: wrong }))).rejects.toThrow('cost');
    }
    expect(await registry.list()).toEqual(before);
    redis.close();
  });
});
