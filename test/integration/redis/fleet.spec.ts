import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '@parley/kernel';
import { COMMAND_MS, MAX_COMMANDS, SessionPlacer } from '@parley/placement';
import type { LocalRedis } from '@parley/redis';
import { aWish, aWorker, granted, renewed } from '@parley-testing/placement';
import { openRedisPlacement } from '../../support/redis/redis-placement.js';
import { describeOnEveryRedis, startRedis } from '../../support/redis/start-redis.js';

const WORKERS = 60;
const SLOTS = 100;
const GATEWAYS = 4;

await describeOnEveryRedis('A fleet of 60 workers', (kind) => {
  let server: LocalRedis;
  let store: Awaited<ReturnType<typeof openRedisPlacement>>;
  beforeEach(async () => {
    server = await startRedis(kind);
    store = await openRedisPlacement(server.url);
  });
  afterEach(async () => {
    await store.close();
    await server.stop();
  });

  const attempts = kind === 'server' ? 100_000 : 2_000;
  // fewer sessions than attempts, so that gateways meet over the same one
  const sessions = attempts / 4;
  const slots = kind === 'server' ? SLOTS : 5;

  it(
    `grants no slot twice and no session two live runs in ${attempts} concurrent attempts`,
    { timeout: 240_000 },
    async () => {
      for (let i = 0; i < WORKERS; i += 1) {
        await store.registry.register(aWorker(`w${i}`, { capacity: slots * 100 }));
      }
      const gateways = Array.from(
        { length: GATEWAYS },
        () => new SessionPlacer({ ...store, clock: systemClock, random: Math.random }),
      );
      const owner = new Map<string, string>();
      let next = 0;
      let refused = 0;
      const caller = async (gateway: SessionPlacer) => {
        for (let i = next++; i < attempts; i = next++) {
          const scope = `t1/app/user/s${(i * 7_919) % sessions}`;
          const grant = await gateway.place(aWish(`live${i}`, { scope })).catch(() => undefined);
          if (!grant) {
            refused += 1;
            continue;
          }
          const run = `${grant.liveId} on ${grant.workerId} under ${grant.epoch}`;
          expect(owner.get(scope) ?? run).toBe(run);
          owner.set(scope, run);
          if (grant.kind === 'placed') await store.directory.activate(grant.liveId, grant.epoch);
        }
      };
      await Promise.all(gateways.flatMap((gateway) => Array.from({ length: 30 }, () => caller(gateway))));
      const used = (await store.registry.list()).map((worker) => worker.used);
      expect(used).toEqual(Array(WORKERS).fill(slots * 100));
      expect(owner.size).toBe(WORKERS * slots);
      expect(refused).toBeGreaterThan(0);
      if (kind === 'embedded') await store.check?.();
    },
  );

  // a thousand placements take the embedded one too long
  if (kind === 'server') {
    it('keeps MAX_COMMANDS for one worker, and has room again when they expire', async () => {
      await store.registry.register(aWorker('w1', { capacity: 1_000_000 }));
      const all = Array.from({ length: MAX_COMMANDS + 5 }, (_, i) => `live${i}`);
      for (const liveId of all) {
        const { epoch } = granted(await store.directory.place(aWish(liveId)));
        await store.directory.activate(liveId, epoch);
        await store.registry.requestMove('w1', liveId);
      }
      expect(renewed(await store.registry.heartbeat(aWorker('w1'))).wanted).toHaveLength(MAX_COMMANDS);
      await store.age(COMMAND_MS);
      await store.registry.requestMove('w1', 'live0');
      expect(renewed(await store.registry.heartbeat(aWorker('w1'))).wanted).toEqual(['live0']);
    });
  }
});
