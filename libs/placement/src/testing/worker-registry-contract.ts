import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BURIAL_MS } from '../worker-registry.js';
import type { WorkerRegistry } from '../worker-registry.js';
import {
  aWish,
  aWorker,
  granted,
  TEST_LEASE_MS,
  type OpenPlacement,
  type PlacementFixture,
} from './placement-fixture.js';

/** What every `WorkerRegistry` does. Ageing beyond `BURIAL_MS` presumes a lease that is longer (`TEST_LEASE_MS`). */
export function describeWorkerRegistry(name: string, open: OpenPlacement): void {
  describe(`${name} as WorkerRegistry`, () => {
    let store: PlacementFixture;
    let registry: WorkerRegistry;

    beforeEach(async () => {
      store = await open();
      registry = store.registry;
    });
    afterEach(() => store.close());

    const beat = (workerId: string, changes: object = {}) =>
      registry.heartbeat({
        workerId,
        incarnation: `${workerId}-1`,
        state: 'ready',
        load: 0,
        leaseMs: TEST_LEASE_MS,
        ...changes,
      });
    const candidateIds = async (limit = 64) =>
      (await registry.candidates(limit)).map((worker) => worker.workerId);

    it('lists a registered worker with everything it said', async () => {
      expect(await registry.register(aWorker('w1', { capacity: 8_000 }))).toBe('registered');
      expect(await registry.list()).toEqual([
        {
          workerId: 'w1',
          incarnation: 'w1-1',
          address: '10.0.0.1:7002',
          state: 'ready',
          capacity: 8_000,
          used: 0,
          load: 0,
          alive: true,
        },
      ]);
    });

    it('answers a heartbeat with what is used', async () => {
      await registry.register(aWorker('w1'));
      await store.directory.place(aWish('live1', { cost: 25 }));
      expect(await beat('w1', { load: 0.25 })).toEqual({ kind: 'ok', used: 25 });
      expect(await registry.list()).toMatchObject([{ load: 0.25, used: 25 }]);
    });

    it('calls a worker that it has no record of unknown, not fenced', async () => {
      expect(await beat('w1')).toEqual({ kind: 'unknown' });
      await registry.register(aWorker('w1'));
      await store.loseAll();
      expect(await beat('w1')).toEqual({ kind: 'unknown' });
    });

    it('refuses a second incarnation while the first holds a lease', async () => {
      await registry.register(aWorker('w1'));
      expect(await registry.register(aWorker('w1', { incarnation: 'w1-2' }))).toBe('duplicate');
      expect(await registry.list()).toMatchObject([{ incarnation: 'w1-1' }]);
    });

    it('fences an incarnation while another one holds the lease', async () => {
      await registry.register(aWorker('w1'));
      await store.age(TEST_LEASE_MS);
      expect(await registry.register(aWorker('w1', { incarnation: 'w1-2' }))).toBe('registered');
      expect(await beat('w1')).toEqual({ kind: 'fenced' });
      await store.age(TEST_LEASE_MS);
      expect(await beat('w1')).toEqual({ kind: 'unknown' });
    });

    it('starts a new incarnation without the live runs of the old one', async () => {
      await registry.register(aWorker('w1'));
      await store.directory.place(aWish('live1'));
      await store.age(TEST_LEASE_MS);
      await registry.register(aWorker('w1', { incarnation: 'w1-2' }));
      expect(await registry.list()).toMatchObject([{ used: 0 }]);
      expect(await store.directory.find('live1')).toBeUndefined();
    });

    it('keeps the live runs of an incarnation that registers again', async () => {
      await registry.register(aWorker('w1'));
      await store.directory.place(aWish('live1'));
      expect(await registry.register(aWorker('w1', { capacity: 500 }))).toBe('registered');
      expect(await registry.list()).toMatchObject([{ used: 100, capacity: 500 }]);
    });

    it('renews the lease with every heartbeat, even one that had run out', async () => {
      await registry.register(aWorker('w1'));
      await store.age(TEST_LEASE_MS - 1_000_000);
      await beat('w1');
      await store.age(TEST_LEASE_MS - 1_000_000);
      expect(await registry.list()).toMatchObject([{ alive: true }]);
      await store.age(TEST_LEASE_MS);
      expect(await registry.list()).toMatchObject([{ alive: false }]);
      expect(await beat('w1')).toMatchObject({ kind: 'ok' });
      expect(await registry.list()).toMatchObject([{ alive: true }]);
      expect(await candidateIds()).toEqual(['w1']);
    });

    it('offers only workers that are ready, alive and have room, the least loaded first', async () => {
      for (const id of ['busy', 'drained', 'empty', 'full', 'half', 'lapsed', 'packed']) {
        await registry.register(aWorker(id, id === 'lapsed' ? { leaseMs: 1_000_000 } : {}));
      }
      await beat('busy', { load: 0.9 });
      await beat('drained', { state: 'draining' });
      await beat('full', { state: 'full' });
      const run = async (liveId: string, workerId: string, cost: number) => {
        const grant = granted(await store.directory.place(aWish(liveId, { candidates: [workerId], cost })));
        await store.directory.activate(liveId, grant.epoch);
        return grant.epoch;
      };
      await run('live1', 'half', 500);
      const epoch = await run('live2', 'packed', 1_000);
      await store.age(1_000_000);
      expect(await candidateIds()).toEqual(['empty', 'half', 'busy']);
      expect(await candidateIds(2)).toEqual(['empty', 'half']);
      await store.directory.release('live2', epoch);
      expect(await candidateIds()).toEqual(['empty', 'packed', 'half', 'busy']);
    });

    it('fills the limit with workers that live, however many that do not are ranked before them', async () => {
      for (let i = 0; i < 9; i += 1) await registry.register(aWorker(`a${i}`, { leaseMs: 1_000_000 }));
      for (let i = 0; i < 3; i += 1) await registry.register(aWorker(`b${i}`));
      await store.age(1_000_000);
      expect(await candidateIds(2)).toEqual(['b0', 'b1']);
      expect(await candidateIds(5)).toEqual(['b0', 'b1', 'b2']);
    });

    it('registers in the state that it is told', async () => {
      await registry.register(aWorker('w1', { state: 'full' }));
      expect(await candidateIds()).toEqual([]);
      expect(await store.directory.place(aWish('live1'))).toEqual({ kind: 'full' });
      await beat('w1');
      expect(await candidateIds()).toEqual(['w1']);
    });

    it('deregisters only for the incarnation that is on record, and ends its live runs', async () => {
      await registry.register(aWorker('w1'));
      await store.directory.place(aWish('live1'));
      await registry.deregister('w1', 'w1-0');
      expect(await registry.list()).toHaveLength(1);
      await registry.deregister('w1', 'w1-1');
      await registry.deregister('w1', 'w1-1');
      expect(await registry.list()).toEqual([]);
      expect(await candidateIds()).toEqual([]);
      expect(await store.directory.find('live1')).toBeUndefined();
      expect(await registry.register(aWorker('w1', { incarnation: 'w1-2' }))).toBe('registered');
    });

    it('forgets a worker that has long been silent, with its live runs', async () => {
      await registry.register(aWorker('w1'));
      const grant = granted(await store.directory.place(aWish('live1')));
      await store.directory.activate('live1', grant.epoch);
      await store.age(TEST_LEASE_MS);
      await store.directory.sweep();
      expect(await registry.list()).toMatchObject([{ alive: false, used: 100 }]);
      await store.age(BURIAL_MS);
      await store.directory.sweep();
      expect(await registry.list()).toEqual([]);
      expect(await store.directory.find('live1')).toBeUndefined();
    });
  });
}
