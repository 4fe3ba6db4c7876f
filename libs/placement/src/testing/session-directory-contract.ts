import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ENDED_MS, RESERVATION_MS } from '../session-directory.js';
import type { LiveRunClaim, PlaceRequest, SessionDirectory } from '../session-directory.js';
import type { WorkerRegistry } from '../worker-registry.js';
import { describeRunSuccession } from './run-succession-contract.js';
import {
  aWish,
  aWorker,
  granted,
  TEST_LEASE_MS,
  type OpenPlacement,
  type PlacementFixture,
} from './placement-fixture.js';

/** What every `SessionDirectory` does. */
export function describeSessionDirectory(name: string, open: OpenPlacement): void {
  describeRunSuccession(name, open);
  describe(`${name} as SessionDirectory`, () => {
    let store: PlacementFixture;
    let directory: SessionDirectory;
    let registry: WorkerRegistry;

    beforeEach(async () => {
      store = await open();
      ({ directory, registry } = store);
    });
    afterEach(() => store.close());

    const used = async () => (await registry.list()).map((worker) => worker.used);
    const run = async (liveId: string, changes: Partial<PlaceRequest> = {}) => {
      const { epoch } = granted(await directory.place(aWish(liveId, changes)));
      expect(await directory.activate(liveId, epoch)).toBe('active');
      return epoch;
    };
    /** Its end has been seen. */
    const kill = (workerId: string) => registry.declareDead(workerId, `${workerId}-1`, { certain: true });

    it('reserves on the worker and says where it is', async () => {
      await registry.register(aWorker('w1'));
      const result = await directory.place(aWish('live1'));
      expect(result).toEqual({
        kind: 'placed',
        liveId: 'live1',
        workerId: 'w1',
        incarnation: 'w1-1',
        address: '10.0.0.1:7002',
        epoch: expect.any(Number) as number,
      });
      const { kind, ...placement } = granted(result);
      expect(kind).toBe('placed');
      expect(await directory.find('live1')).toEqual({ ...placement, state: 'reserved' });
      expect(await used()).toEqual([100]);
    });

    it('takes the candidate that will be the least loaded', async () => {
      await registry.register(aWorker('small', { capacity: 200 }));
      await registry.register(aWorker('large', { capacity: 1_000 }));
      await registry.register(aWorker('loaded'));
      await registry.heartbeat({ ...aWorker('loaded'), state: 'ready', load: 0.8 });
      const candidates = ['small', 'loaded', 'large', 'nobody'];
      const placed = [];
      for (let i = 1; i <= 6; i += 1) {
        placed.push(granted(await directory.place(aWish(`live${i}`, { candidates }))).workerId);
      }
      expect(placed).toEqual(['large', 'large', 'large', 'large', 'small', 'large']);
    });

    it('is full when no candidate has room for the cost', async () => {
      await registry.register(aWorker('w1', { capacity: 150 }));
      expect(await directory.place(aWish('live1', { cost: 200 }))).toEqual({ kind: 'full' });
      granted(await directory.place(aWish('live2', { cost: 100 })));
      expect(await directory.place(aWish('live3', { cost: 51 }))).toEqual({ kind: 'full' });
      granted(await directory.place(aWish('live4', { cost: 50 })));
      expect(await used()).toEqual([150]);
      expect(await directory.place(aWish('live5', { candidates: [] }))).toEqual({ kind: 'full' });
    });

    it('places nothing on a worker without a lease', async () => {
      await registry.register(aWorker('w1'));
      await store.age(TEST_LEASE_MS);
      expect(await directory.place(aWish('live1'))).toEqual({ kind: 'full' });
    });

    it('answers the same grant when a placement is asked for again before it is activated', async () => {
      await registry.register(aWorker('w1'));
      await registry.register(aWorker('w2'));
      const first = await directory.place(aWish('live1'));
      expect(await directory.place(aWish('live1', { candidates: ['w2'] }))).toEqual(first);
      expect(await used()).toEqual([100, 0]);
    });

    it('calls its own run existing once it is active', async () => {
      await registry.register(aWorker('w1'));
      const grant = granted(await directory.place(aWish('live1')));
      expect(await directory.activate('live1', grant.epoch)).toBe('active');
      expect(await directory.activate('live1', grant.epoch)).toBe('active');
      expect(await directory.place(aWish('live1'))).toEqual({ ...grant, kind: 'existing' });
      expect(await directory.find('live1')).toMatchObject({ state: 'active' });
    });

    it('gives a session one live run: whoever comes second is told of the first', async () => {
      await registry.register(aWorker('w1'));
      const scope = 't1/app/user/s1';
      const grant = granted(await directory.place(aWish('live1', { scope })));
      expect(await directory.place(aWish('live2', { scope }))).toEqual({ ...grant, kind: 'existing' });
      expect(await directory.place(aWish('live2', { scope, candidates: [] }))).toMatchObject({
        liveId: 'live1',
      });
      expect(await used()).toEqual([100]);
      await directory.release('live1', grant.epoch);
      expect(await directory.place(aWish('live2', { scope }))).toMatchObject({
        kind: 'placed',
        liveId: 'live2',
      });
    });

    it('forgets a reservation whose worker is gone before it was activated', async () => {
      await registry.register(aWorker('w1'));
      const old = granted(await directory.place(aWish('live1')));
      await kill('w1');
      expect(await directory.find('live1')).toBeUndefined();
      expect(await directory.activate('live1', old.epoch)).toBe('stale');
      await registry.register(aWorker('w2'));
      const fresh = granted(await directory.place(aWish('live1', { candidates: ['w2'] })));
      expect(fresh).toMatchObject({ kind: 'placed', workerId: 'w2' });
      expect(fresh.epoch).toBeGreaterThan(old.epoch);
    });

    it('frees the slot once', async () => {
      await registry.register(aWorker('w1'));
      const grant = granted(await directory.place(aWish('live1')));
      granted(await directory.place(aWish('live2')));
      expect(await directory.release('live1', grant.epoch + 1)).toBe('stale');
      expect(await directory.release('live1', grant.epoch - 1)).toBe('stale');
      expect(await directory.release('live1', grant.epoch)).toBe('released');
      expect(await directory.release('live1', grant.epoch)).toBe('gone');
      expect(await directory.activate('live1', grant.epoch)).toBe('stale');
      expect(await used()).toEqual([100]);
    });

    it('counts a reservation that ran out for nothing, swept or not', async () => {
      await registry.register(aWorker('w1', { capacity: 100 }));
      const grant = granted(await directory.place(aWish('live1')));
      await store.age(RESERVATION_MS);
      expect(await directory.find('live1')).toBeUndefined();
      expect(await directory.activate('live1', grant.epoch)).toBe('stale');
      granted(await directory.place(aWish('live2')));
      await store.age(RESERVATION_MS);
      expect(granted(await directory.place(aWish('live3'))).kind).toBe('placed');
      expect(await used()).toEqual([100]);
    });

    it('sweeps the reservations that ran out and nothing else', async () => {
      await registry.register(aWorker('w1'));
      await registry.register(aWorker('w2'));
      const active = granted(await directory.place(aWish('live1')));
      await directory.activate('live1', active.epoch);
      for (let i = 2; i <= 5; i += 1) {
        await directory.place(aWish(`live${i}`, { candidates: ['w2'] }));
      }
      expect(await directory.sweep()).toBe(0);
      await store.age(RESERVATION_MS);
      await directory.place(aWish('live2', { candidates: ['nobody'] }));
      expect(await directory.sweep()).toBe(0);
      expect(await used()).toEqual([100, 0]);
      granted(await directory.place(aWish('live6', { candidates: ['w2'] })));
      granted(await directory.place(aWish('live7', { candidates: ['w2'] })));
      await store.age(RESERVATION_MS);
      expect(await directory.sweep()).toBe(2);
      expect(await directory.sweep()).toBe(0);
      expect(await used()).toEqual([100, 0]);
      expect(await directory.find('live1')).toMatchObject({ state: 'active' });
    });

    it('does not place again what has ended, and forgets in time that it was', async () => {
      await registry.register(aWorker('w1'));
      const epoch = await run('live1');
      await directory.release('live1', epoch);
      expect(await directory.place(aWish('live1'))).toEqual({ kind: 'ended' });
      expect(await directory.find('live1')).toBeUndefined();
      expect(await directory.move({ liveId: 'live1', epoch, candidates: ['w1'] })).toEqual({ kind: 'gone' });
      granted(await directory.place(aWish('live2', { scope: aWish('live1').scope })));
      await store.age(ENDED_MS);
      expect(granted(await directory.place(aWish('live1', { scope: 'another' }))).kind).toBe('placed');
    });

    it('places a run again that was given back before it began', async () => {
      await registry.register(aWorker('w1'));
      const { epoch } = granted(await directory.place(aWish('live1')));
      expect(await directory.release('live1', epoch)).toBe('released');
      expect(granted(await directory.place(aWish('live1'))).kind).toBe('placed');
    });

    it('grants epochs that rise, also after everything was lost', async () => {
      await registry.register(aWorker('w1', { capacity: 100_000 }));
      const epochs: number[] = [];
      const placeSome = async (prefix: string) => {
        for (let i = 0; i < 20; i += 1) {
          epochs.push(granted(await directory.place(aWish(`${prefix}${i}`))).epoch);
        }
      };
      await placeSome('before');
      await store.loseAll();
      await registry.register(aWorker('w1', { capacity: 100_000 }));
      await placeSome('after');
      expect(epochs.every(Number.isSafeInteger)).toBe(true);
      expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b));
    });

    describe('after everything was lost', () => {
      const scope = 't1/app/user/s1';
      let claim: LiveRunClaim;

      beforeEach(async () => {
        await registry.register(aWorker('w1'));
        const { liveId, epoch } = granted(await directory.place(aWish('live1', { scope })));
        await directory.activate(liveId, epoch);
        claim = { ...aWish(liveId, { scope }), workerId: 'w1', incarnation: 'w1-1', epoch };
        await store.loseAll();
      });

      it('takes back the live run that its owner re-asserts', async () => {
        expect(await directory.reassert(claim)).toBe('unregistered');
        await registry.register(aWorker('w1', { state: 'full' }));
        expect(await directory.reassert({ ...claim, incarnation: 'w1-0' })).toBe('unregistered');
        expect(await directory.reassert(claim)).toBe('active');
        expect(await directory.reassert(claim)).toBe('active');
        expect(await directory.find('live1')).toMatchObject({ state: 'active', epoch: claim.epoch });
        expect(await used()).toEqual([100]);
        expect(await directory.place(aWish('live2', { scope }))).toMatchObject({
          kind: 'existing',
          liveId: 'live1',
        });
        expect(await directory.release('live1', claim.epoch)).toBe('released');
      });

      it('never grants an epoch again that an owner re-asserted', async () => {
        await registry.register(aWorker('w1'));
        const ahead = claim.epoch + 10_000_000_000;
        await directory.reassert({ ...claim, epoch: ahead });
        expect(granted(await directory.place(aWish('live2'))).epoch).toBeGreaterThan(ahead);
      });

      it('counts what runs even beyond capacity', async () => {
        await registry.register(aWorker('w1', { capacity: 100 }));
        granted(await directory.place(aWish('live2')));
        expect(await directory.reassert(claim)).toBe('active');
        expect(await used()).toEqual([200]);
        expect(await directory.place(aWish('live3'))).toEqual({ kind: 'full' });
      });

      it('tells an owner that the session has been granted anew meanwhile', async () => {
        await registry.register(aWorker('w1'));
        await registry.register(aWorker('w2'));
        const fresh = granted(await directory.place(aWish('live2', { scope, candidates: ['w2'] })));
        expect(await directory.reassert(claim)).toBe('superseded');
        expect(await directory.find('live2')).toMatchObject({ epoch: fresh.epoch });
        expect(await used()).toEqual([0, 100]);
      });

      it('lets the higher epoch win between two owners of one session', async () => {
        await registry.register(aWorker('w1'));
        await registry.register(aWorker('w2'));
        expect(await directory.reassert(claim)).toBe('active');
        const rival = { ...claim, workerId: 'w2', incarnation: 'w2-1', epoch: claim.epoch + 1 };
        expect(await directory.reassert(rival)).toBe('active');
        expect(await directory.reassert(claim)).toBe('superseded');
        expect(await used()).toEqual([0, 100]);
        expect(await registry.heartbeat(aWorker('w1'))).toMatchObject({ revoked: ['live1'] });
      });

      it('ends the older of two live runs of one session, and tells whoever runs it', async () => {
        await registry.register(aWorker('w1'));
        await registry.register(aWorker('w2'));
        expect(await directory.reassert(claim)).toBe('active');
        const rival = {
          ...claim,
          liveId: 'live2',
          workerId: 'w2',
          incarnation: 'w2-1',
          epoch: claim.epoch + 1,
        };
        expect(await directory.reassert(rival)).toBe('active');
        expect(await used()).toEqual([0, 100]);
        expect(await directory.place(aWish('live1', { scope }))).toEqual({ kind: 'ended' });
        expect(await registry.heartbeat(aWorker('w1'))).toMatchObject({ revoked: ['live1'] });
      });
    });
  });
}
