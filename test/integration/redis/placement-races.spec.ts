import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { silentLog, systemClock } from '@parley/kernel';
import { RESERVATION_MS, SessionPlacer, WorkerLease } from '@parley/placement';
import type { LocalRedis } from '@parley/redis';
import { aWish, aWorker, granted } from '@parley-testing/placement';
import { openRedisPlacement } from '../../support/redis/redis-placement.js';
import { describeOnEveryRedis, startRedis } from '../../support/redis/start-redis.js';
import { eventually } from '../../support/redis/eventually.js';

type Store = Awaited<ReturnType<typeof openRedisPlacement>>;

await describeOnEveryRedis('Placement through Redis', (kind) => {
  let server: LocalRedis;
  let store: Store;
  beforeAll(async () => {
    server = await startRedis(kind);
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    store = await openRedisPlacement(server.url);
  });
  afterEach(() => store.close());

  const used = async () => (await store.registry.list()).map((worker) => worker.used);

  it('grants exactly the slots there are when 200 placements run for 120 of them', async () => {
    await store.registry.register(aWorker('w1', { capacity: 6_000 }));
    await store.registry.register(aWorker('w2', { capacity: 6_000 }));
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        store.directory.place(aWish(`live${i}`, { candidates: ['w1', 'w2'] })),
      ),
    );
    expect(results.filter((result) => result.kind === 'placed')).toHaveLength(120);
    expect(await used()).toEqual([6_000, 6_000]);
    await store.check?.();
  });

  it('never oversells while gateways place, activate, release and sweep at once', async () => {
    await store.registry.register(aWorker('w1', { capacity: 1_000 }));
    await store.registry.register(aWorker('w2', { capacity: 1_000 }));
    const placer = new SessionPlacer({ ...store, clock: systemClock, random: Math.random });
    let refused = 0;
    const churn = async (i: number) => {
      if (i % 8 === 7) return void (await store.directory.sweep());
      if (i % 40 === 20) await store.age(RESERVATION_MS);
      const grant = await placer.place(aWish(`live${i}`)).catch(() => undefined);
      if (!grant) return void (refused += 1);
      await store.directory.activate(grant.liveId, grant.epoch);
      expect(Math.max(...(await used()))).toBeLessThanOrEqual(1_000);
      if (i % 3 === 0) await store.directory.release(grant.liveId, grant.epoch);
    };
    for (let from = 0; from < 160; from += 40) {
      await Promise.all(Array.from({ length: 40 }, (_, i) => churn(from + i)));
    }
    expect(refused).toBeGreaterThan(0);
    await store.check?.();
  });

  it('lets one of two gateways win that place the same session at once', async () => {
    await store.registry.register(aWorker('w1'));
    const scope = 't1/app/user/s1';
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, i) => store.directory.place(aWish(`live${i}`, { scope }))),
    );
    expect(results.filter((result) => result.kind === 'placed')).toHaveLength(1);
    expect(new Set(results.map((result) => granted(result).liveId)).size).toBe(1);
    expect(await used()).toEqual([100]);
  });

  it('comes back from a flush: the worker keeps its incarnation and its live run, epochs go on rising', async () => {
    const running = new Map<string, number>();
    const lease: WorkerLease = new WorkerLease({
      registry: store.registry,
      workerId: 'w1',
      address: '10.0.0.1:7946',
      capacity: 1_000,
      clock: systemClock,
      random: Math.random,
      log: silentLog,
      newIncarnation: () => 'i1',
      report: () => ({ state: 'ready', load: 0 }),
      onFenced: () => running.clear(),
      onRevoked: (liveIds) => liveIds.forEach((liveId) => running.delete(liveId)),
      onWanted: () => undefined,
      async reassert(incarnation) {
        for (const [liveId, epoch] of running) {
          await store.directory.reassert({ ...aWish(liveId), workerId: 'w1', incarnation, epoch });
        }
      },
    });
    await lease.start();
    const { epoch } = granted(await store.directory.place(aWish('live1')));
    await store.directory.activate('live1', epoch);
    running.set('live1', epoch);

    await store.loseAll();
    await eventually(async () => expect(await store.registry.candidates(1)).toMatchObject([{ used: 100 }]));
    expect(lease.incarnation).toBe('i1');
    expect(await store.directory.find('live1')).toMatchObject({ state: 'active', epoch });
    expect(granted(await store.directory.place(aWish('live2'))).epoch).toBeGreaterThan(epoch);
    await store.check?.();
    await lease.close();
  });
});
