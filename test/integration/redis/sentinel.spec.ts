import { describe, expect, it } from 'vitest';
import { silentLog, systemClock } from '@parley/kernel';
import { ControlRedis, findRedisBinary, RedisSessionDirectory, RedisWorkerRegistry } from '@parley/redis';
import { aWish, aWorker, granted } from '@parley-testing/placement';
import { eventually } from '../../support/redis/eventually.js';
import { startWatchedRedis } from '../../support/redis/redis-processes.js';

const binary = await findRedisBinary();

/** One second until the sentinel calls the master dead, the rest for its failover. */
const BACK_WITHIN_MS = 15_000;

describe.skipIf(!binary)('Placement behind Sentinel (skipped without redis-server on the PATH)', () => {
  it(
    'places again after the master was killed, under epochs that go on rising',
    { timeout: 120_000 },
    async () => {
      if (!binary) return;
      const watched = await startWatchedRedis(binary);
      const redis = new ControlRedis({
        url: watched.url,
        topology: { kind: 'sentinel', sentinels: watched.sentinels, master: watched.master },
        clock: systemClock,
        random: Math.random,
        log: silentLog,
        commandTimeoutMs: 2_000,
      });
      await redis.whenConnected(20_000);
      const registry = new RedisWorkerRegistry(redis);
      const directory = new RedisSessionDirectory(redis);
      await registry.register(aWorker('w1'));
      const before = granted(await directory.place(aWish('live1')));
      await directory.activate('live1', before.epoch);
      await eventually(async () => expect(await directory.find('live1')).toMatchObject({ state: 'active' }));

      await watched.killMaster();
      const after = await eventually(async () => {
        // what the new master has not got is told again, as workers do
        await registry.register(aWorker('w1'));
        return granted(await directory.place(aWish('live2')));
      }, BACK_WITHIN_MS);
      expect(after.epoch).toBeGreaterThan(before.epoch);
      expect(await directory.reassert({ ...aWish('live1'), ...before })).toBe('active');
      expect(await registry.list()).toMatchObject([{ used: 200 }]);
      redis.close();
      await watched.stop();
    },
  );
});
