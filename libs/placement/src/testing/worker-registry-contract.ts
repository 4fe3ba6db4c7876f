import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BURIAL_MS, COMMAND_MS } from '../worker-registry.js';
import type { Heartbeat, WorkerRegistry } from '../worker-registry.js';
import {
  aWish,
  aWorker,
  granted,
  renewed,
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

    const beat = (workerId: string, changes: Partial<Heartbeat> = {}) =>
      registry.heartbeat({ ...aWorker(workerId), ...changes });
    const run = async (liveId: string, workerId: string, cost = 100) => {
      const wish = aWish(liveId, { candidates: [workerId], cost });
      const grant = granted(await store.directory.place(wish));
      await store.directory.activate(liveId, grant.epoch);
      return grant.epoch;
    };
    const candidateIds = async (limit = 64) =>
      (await registry.candidates(limit)).map((worker) => worker.workerId);

    it('lists a registered worker with everything it said', async () => {
      const worker = aWorker('w1', { capacity: 8_000, zone: 'eu-1b', version: 3 });
      expect(await registry.register(worker)).toBe('registered');
      await registry.register(aWorker('w2'));
      expect(await registry.list()).toEqual([
        {
          workerId: 'w1',
          incarnation: 'w1-1',
          address: '10.0.0.1:7002',
          state: 'ready',
          capacity: 8_000,
          used: 0,
          load: 0,
          zone: 'eu-1b',
          version: 3,
          alive: true,
        },
        expect.objectContaining({ workerId: 'w2', zone: '', version: 1 }),
      ]);
    });

    it('answers a heartbeat with what is used', async () => {
      await registry.register(aWorker('w1'));
      await store.directory.place(aWish('live1', { cost: 25 }));
      expect(await beat('w1', { load: 0.25 })).toEqual({
        ...{ kind: 'ok', used: 25, lapsed: false },
        ...{ serial: 0, revoked: [], wanted: [] },
      });
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
      await run('live1', 'w1');
      await store.age(TEST_LEASE_MS);
      await registry.register(aWorker('w1', { incarnation: 'w1-2' }));
      expect(await registry.list()).toMatchObject([{ used: 0 }]);
      expect(await store.directory.find('live1')).toMatchObject({ state: 'orphaned', incarnation: 'w1-1' });
    });

    it('keeps the live runs of an incarnation that registers again', async () => {
      await registry.register(aWorker('w1'));
      await store.directory.place(aWish('live1'));
      expect(await registry.register(aWorker('w1', { capacity: 500 }))).toBe('registered');
      expect(await registry.list()).toMatchObject([{ used: 100, capacity: 500 }]);
    });

    it('renews the lease with every heartbeat', async () => {
      await registry.register(aWorker('w1'));
      await store.age(TEST_LEASE_MS - 1_000_000);
      expect(await beat('w1')).toMatchObject({ kind: 'ok', lapsed: false });
      await store.age(TEST_LEASE_MS - 1_000_000);
      expect(await registry.list()).toMatchObject([{ alive: true }]);
      await store.age(TEST_LEASE_MS);
      expect(await registry.list()).toMatchObject([{ alive: false }]);
    });

    it('takes a worker back whose lease had run out: without its live runs, and for nothing new until it beats again', async () => {
      await registry.register(aWorker('w1'));
      await run('live1', 'w1');
      await store.age(TEST_LEASE_MS);
      expect(await beat('w1')).toMatchObject({ kind: 'ok', lapsed: true, used: 0 });
      expect(await registry.list()).toMatchObject([{ alive: true, state: 'full' }]);
      expect(await candidateIds()).toEqual([]);
      expect(await beat('w1')).toMatchObject({ kind: 'ok', lapsed: false });
      expect(await candidateIds()).toEqual(['w1']);
      await store.age(TEST_LEASE_MS);
      await beat('w1', { state: 'draining' });
      expect(await registry.list()).toMatchObject([{ state: 'draining' }]);
    });

    it('offers only workers that are ready, alive and have room, the least loaded first', async () => {
      for (const id of ['busy', 'drained', 'empty', 'full', 'half', 'lapsed', 'packed']) {
        await registry.register(aWorker(id, id === 'lapsed' ? { leaseMs: 1_000_000 } : {}));
      }
      await beat('busy', { load: 0.9 });
      await beat('drained', { state: 'draining' });
      await beat('full', { state: 'full' });
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

    it('deregisters only for the incarnation that is on record, and orphans its live runs', async () => {
      await registry.register(aWorker('w1'));
      await run('live1', 'w1');
      await registry.deregister('w1', 'w1-0');
      expect(await registry.list()).toHaveLength(1);
      await registry.deregister('w1', 'w1-1');
      await registry.deregister('w1', 'w1-1');
      expect(await registry.list()).toEqual([]);
      expect(await candidateIds()).toEqual([]);
      expect(await store.directory.find('live1')).toMatchObject({ state: 'orphaned' });
      expect(await registry.register(aWorker('w1', { incarnation: 'w1-2' }))).toBe('registered');
    });

    it('forgets a worker that has long been silent', async () => {
      await registry.register(aWorker('w1'));
      await run('live1', 'w1');
      await store.age(TEST_LEASE_MS);
      await store.directory.sweep();
      expect(await registry.list()).toMatchObject([{ alive: false, used: 0 }]);
      await store.age(BURIAL_MS);
      await store.directory.sweep();
      expect(await registry.list()).toEqual([]);
      expect(await beat('w1')).toEqual({ kind: 'unknown' });
    });

    describe('when a worker is declared dead', () => {
      beforeEach(async () => {
        await registry.register(aWorker('w1'));
        await run('live1', 'w1');
      });

      it('believes a caller who saw its end, however long the lease', async () => {
        expect(await registry.declareDead('w1', 'w1-1', { certain: true })).toBe('dead');
        expect(await registry.declareDead('w1', 'w1-1', { certain: true })).toBe('dead');
        expect(await registry.list()).toMatchObject([{ alive: false, used: 0 }]);
        expect(await candidateIds()).toEqual([]);
        expect(await store.directory.find('live1')).toMatchObject({ state: 'orphaned' });
        expect(await registry.register(aWorker('w1', { incarnation: 'w1-2' }))).toBe('registered');
      });

      it('waits for the end of the lease otherwise', async () => {
        expect(await registry.declareDead('w1', 'w1-1', { certain: false })).toBe('alive');
        expect(await store.directory.find('live1')).toMatchObject({ state: 'active' });
        await store.age(TEST_LEASE_MS);
        expect(await registry.declareDead('w1', 'w1-1', { certain: false })).toBe('dead');
        expect(await store.directory.find('live1')).toMatchObject({ state: 'orphaned' });
      });

      it('leaves another incarnation alone', async () => {
        expect(await registry.declareDead('w1', 'w1-0', { certain: true })).toBe('other');
        expect(await registry.declareDead('w9', 'w9-1', { certain: true })).toBe('other');
        expect(await registry.list()).toMatchObject([{ alive: true, used: 100 }]);
      });

      it('takes it back with its next heartbeat when it lives', async () => {
        await registry.declareDead('w1', 'w1-1', { certain: true });
        expect(await beat('w1')).toMatchObject({ kind: 'ok', lapsed: true, used: 0 });
        expect(await beat('w1')).toMatchObject({ kind: 'ok', lapsed: false });
        expect(await candidateIds()).toEqual(['w1']);
      });
    });

    describe('with something to tell a worker', () => {
      beforeEach(async () => {
        await registry.register(aWorker('w1', { capacity: 100_000 }));
        await registry.register(aWorker('w2', { capacity: 100_000 }));
      });
      const move = async (liveId: string, epoch: number, to: string) =>
        granted(await store.directory.move({ liveId, epoch, candidates: [to] })).epoch;

      it('tells it with every heartbeat until it has heard', async () => {
        const epochs = [await run('live1', 'w1'), await run('live2', 'w1')];
        await run('live3', 'w1');
        await registry.requestMove('w1', 'live3');
        await registry.requestMove('w1', 'live3');
        await move('live2', epochs[1] ?? 0, 'w2');
        const told = renewed(await beat('w1'));
        expect(told).toMatchObject({ revoked: ['live2'], wanted: ['live3'], used: 200 });
        expect(await beat('w1')).toEqual(told);
        await move('live1', epochs[0] ?? 0, 'w2');
        const later = renewed(await beat('w1', { heard: told.serial }));
        expect(later).toMatchObject({ revoked: ['live1'], wanted: [] });
        expect(later.serial).toBeGreaterThan(told.serial);
        expect(await beat('w1', { heard: later.serial })).toMatchObject({ serial: 0, revoked: [] });
        expect(await beat('w2')).toMatchObject({ serial: 0, revoked: [], wanted: [] });
      });

      it('asks only for live runs that are there', async () => {
        await run('live1', 'w2');
        await registry.requestMove('w1', 'live1');
        await registry.requestMove('w1', 'live9');
        await registry.requestMove('w9', 'live1');
        expect(await beat('w1')).toMatchObject({ wanted: [] });
      });

      it('takes back what has lost its point: the run ended, or came back', async () => {
        const ended = await run('live1', 'w1');
        await registry.requestMove('w1', 'live1');
        await store.directory.release('live1', ended);
        const there = await move('live2', await run('live2', 'w1'), 'w2');
        await move('live2', there, 'w1');
        expect(await beat('w1')).toMatchObject({ revoked: [], wanted: [] });
        expect(await beat('w2')).toMatchObject({ revoked: ['live2'] });
      });

      it('keeps it no longer than COMMAND_MS', async () => {
        await run('live1', 'w1');
        await registry.requestMove('w1', 'live1');
        await store.age(COMMAND_MS);
        expect(await beat('w1')).toMatchObject({ serial: 0, wanted: [] });
      });

      it('numbers what it tells higher after everything was lost', async () => {
        await run('live1', 'w1');
        await registry.requestMove('w1', 'live1');
        const { serial } = renewed(await beat('w1'));
        await store.loseAll();
        await registry.register(aWorker('w1'));
        await run('live1', 'w1');
        await registry.requestMove('w1', 'live1');
        expect(renewed(await beat('w1', { heard: serial })).wanted).toEqual(['live1']);
      });
    });
  });
}
