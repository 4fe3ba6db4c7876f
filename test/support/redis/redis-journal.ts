import { Redis } from 'ioredis';
import { silentLog, systemClock } from '@parley/kernel';
import { ControlRedis, RedisRunJournal, type ControlRedisOptions } from '@parley/redis';
import type { RunJournalFixture } from '@parley-testing/placement';

/** Runs of the contract; each has its own node in a cluster. */
const RUNS = ['live_1', 'live_2'];

/** The Redis journal, with connections that move its deadlines. */
export async function openRedisJournal(
  url: string,
  options: Pick<ControlRedisOptions, 'topology'> & {
    readonly adminUrlOf?: (key: string) => Promise<string>;
  } = {},
): Promise<RunJournalFixture> {
  const { topology, adminUrlOf = () => Promise.resolve(url) } = options;
  const redis = new ControlRedis({
    url,
    topology,
    clock: systemClock,
    random: Math.random,
    log: silentLog,
    commandTimeoutMs: 30_000,
  });
  await redis.whenConnected(20_000);
  const entries = await Promise.all(
    RUNS.map(async (liveId) => {
      const key = `sd:{${liveId}}:meta`;
      return { key, admin: new Redis(await adminUrlOf(key)) };
    }),
  );
  for (const { key, admin } of entries) await admin.del(key);
  return {
    journal: new RedisRunJournal(redis),
    async age(ms) {
      for (const { key, admin } of entries) {
        const leftMs = (await admin.pttl(key)) - ms;
        await (leftMs > 0 ? admin.pexpire(key, leftMs) : admin.del(key));
      }
    },
    async close() {
      redis.close();
      for (const { admin } of entries) await admin.quit();
    },
  };
}
