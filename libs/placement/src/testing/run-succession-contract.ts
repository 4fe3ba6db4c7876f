import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ORPHAN_MS, RESERVATION_MS } from '../session-directory.js';
import type { PlaceRequest, SessionDirectory } from '../session-directory.js';
import type { WorkerRegistry } from '../worker-registry.js';
import {
  aWish,
  aWorker,
  granted,
  TEST_LEASE_MS,
  type OpenPlacement,
  type PlacementFixture,
} from './placement-fixture.js';

/** How a live run passes from one owner to the next, in every `SessionDirectory`. */
export function describeRunSuccession(name: string, open: OpenPlacement): void {
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

    describe('with an orphaned live run', () => {
      const scope = 't1/app/user/s1';
      let epoch: number;

      beforeEach(async () => {
        await registry.register(aWorker('w1'));
        await registry.register(aWorker('w2'));
        epoch = await run('live1', { scope, cost: 300 });
        await kill('w1');
      });

      it('counts it nowhere and says where it was', async () => {
        expect(await used()).toEqual([0, 0]);
        expect(await directory.find('live1')).toEqual({
          ...{ liveId: 'live1', workerId: 'w1', incarnation: 'w1-1', address: '10.0.0.1:7002', epoch },
          state: 'orphaned',
        });
        expect(await directory.activate('live1', epoch)).toBe('stale');
      });

      it.each([
        ['its own id', 'live1', scope],
        ['its session', 'live2', scope],
      ])('gives it to another worker when it is placed by %s', async (_, liveId, wished) => {
        const wish = aWish(liveId, { scope: wished, candidates: ['w1', 'w2'], cost: 100 });
        const grant = granted(await directory.place(wish));
        expect(grant).toMatchObject({ kind: 'placed', liveId: 'live1', workerId: 'w2' });
        expect(grant.epoch).toBeGreaterThan(epoch);
        expect(await used()).toEqual([0, 300]);
        expect(await directory.place(aWish('live1', { scope, candidates: ['w1'] }))).toEqual(grant);
        expect(await directory.activate('live1', epoch)).toBe('stale');
        expect(await directory.release('live1', epoch)).toBe('stale');
        expect(await directory.activate('live1', grant.epoch)).toBe('active');
        expect(await directory.find('live2')).toBeUndefined();
      });

      it('moves it as one that has an owner, even to the worker that it was on', async () => {
        await registry.register(aWorker('w1', { incarnation: 'w1-2' }));
        const grant = granted(await directory.move({ liveId: 'live1', epoch, candidates: ['w1'] }));
        expect(grant).toMatchObject({ kind: 'moved', workerId: 'w1', incarnation: 'w1-2' });
        expect(await used()).toEqual([300, 0]);
      });

      it('keeps it while nobody has room', async () => {
        expect(await directory.place(aWish('live1', { candidates: ['w1'] }))).toEqual({ kind: 'full' });
        expect(await directory.find('live1')).toMatchObject({ state: 'orphaned', epoch });
      });

      it('orphans it again when nobody activates what it was given', async () => {
        const grant = granted(await directory.place(aWish('live1', { candidates: ['w2'] })));
        await store.age(RESERVATION_MS);
        expect(await directory.find('live1')).toMatchObject({ state: 'orphaned', epoch: grant.epoch });
        expect(await directory.activate('live1', grant.epoch)).toBe('stale');
        expect(await used()).toEqual([0, 0]);
        expect(granted(await directory.place(aWish('live1', { candidates: ['w2'] }))).kind).toBe('placed');
      });

      it('ends it when nobody wanted it for ORPHAN_MS, swept or not', async () => {
        expect(await directory.sweep()).toBe(0);
        await store.age(ORPHAN_MS);
        expect(await directory.place(aWish('live1', { candidates: ['w2'] }))).toEqual({ kind: 'ended' });
        const next = await run('live2', { scope, candidates: ['w2'] });
        await kill('w2');
        await store.age(ORPHAN_MS);
        expect(await directory.sweep()).toBe(1);
        expect(await directory.sweep()).toBe(0);
        expect(await directory.find('live2')).toBeUndefined();
        expect(await directory.release('live2', next)).toBe('gone');
      });

      it('counts that time from the end of the lease, whenever somebody looked', async () => {
        await run('live2', { candidates: ['w2'] });
        await store.age(TEST_LEASE_MS + ORPHAN_MS);
        expect(await directory.find('live2')).toBeUndefined();
        expect(await directory.place(aWish('live2'))).toEqual({ kind: 'ended' });
      });

      it('gives it back to the owner that lives, if nobody has taken it', async () => {
        await registry.heartbeat(aWorker('w1'));
        const claim = { ...aWish('live1', { scope, cost: 300 }), workerId: 'w1', incarnation: 'w1-1', epoch };
        expect(await directory.reassert(claim)).toBe('active');
        expect(await directory.find('live1')).toMatchObject({ state: 'active', epoch });
        expect(await used()).toEqual([300, 0]);
        await kill('w1');
        await registry.heartbeat(aWorker('w1'));
        granted(await directory.place(aWish('live1', { candidates: ['w2'] })));
        expect(await directory.reassert(claim)).toBe('superseded');
        expect(await used()).toEqual([0, 300]);
      });

      it('lets an owner claim what ended only because nobody wanted it', async () => {
        await store.age(ORPHAN_MS);
        await directory.sweep();
        await registry.heartbeat(aWorker('w1'));
        const claim = { ...aWish('live1', { scope }), workerId: 'w1', incarnation: 'w1-1', epoch };
        expect(await directory.reassert(claim)).toBe('active');
        expect(await directory.place(aWish('live1'))).toMatchObject({ kind: 'existing', epoch });
        expect(await directory.release('live1', epoch)).toBe('released');
        expect(await directory.reassert(claim)).toBe('superseded');
        expect(await used()).toEqual([0, 0]);
      });
    });

    describe('when a live run is moved', () => {
      let epoch: number;

      beforeEach(async () => {
        await registry.register(aWorker('w1'));
        await registry.register(aWorker('w2', { capacity: 150 }));
        epoch = await run('live1');
      });

      it('reserves it on another worker, never on the one that has it, and tells that one', async () => {
        const grant = granted(await directory.move({ liveId: 'live1', epoch, candidates: ['w1', 'w2'] }));
        expect(grant).toMatchObject({ kind: 'moved', liveId: 'live1', workerId: 'w2' });
        expect(grant.epoch).toBeGreaterThan(epoch);
        expect(await directory.find('live1')).toMatchObject({ state: 'reserved', workerId: 'w2' });
        expect(await used()).toEqual([0, 100]);
        expect(await registry.heartbeat(aWorker('w1'))).toMatchObject({ revoked: ['live1'] });
        expect(await directory.activate('live1', grant.epoch)).toBe('active');
      });

      it('answers the grant of now to whoever asks under an older one', async () => {
        const request = { liveId: 'live1', epoch, candidates: ['w1', 'w2'] };
        const { kind, ...placement } = granted(await directory.move(request));
        expect(kind).toBe('moved');
        expect(await directory.move(request)).toEqual({ kind: 'stale', ...placement });
        expect(await used()).toEqual([0, 100]);
      });

      it('leaves it where it is when no other worker has room', async () => {
        granted(await directory.place(aWish('live2', { candidates: ['w2'] })));
        for (const candidates of [['w1', 'w2'], ['w1'], []]) {
          expect(await directory.move({ liveId: 'live1', epoch, candidates })).toEqual({ kind: 'full' });
        }
        expect(await directory.find('live1')).toMatchObject({ state: 'active', workerId: 'w1', epoch });
        expect(await registry.heartbeat(aWorker('w1'))).toMatchObject({ revoked: [] });
      });

      it('orphans it when its new owner never begins, and supersedes the old one', async () => {
        granted(await directory.move({ liveId: 'live1', epoch, candidates: ['w2'] }));
        await store.age(RESERVATION_MS);
        expect(await directory.find('live1')).toMatchObject({ state: 'orphaned', workerId: 'w2' });
        const claim = { ...aWish('live1'), workerId: 'w1', incarnation: 'w1-1', epoch };
        expect(await directory.reassert(claim)).toBe('superseded');
      });

      it('moves a reservation, too, that was never activated', async () => {
        const reserved = granted(await directory.place(aWish('live2', { cost: 50 })));
        const move = { liveId: 'live2', epoch: reserved.epoch, candidates: ['w2'] };
        expect(await directory.move(move)).toMatchObject({ kind: 'moved', workerId: 'w2' });
        await store.age(RESERVATION_MS);
        expect(await directory.find('live2')).toBeUndefined();
      });
    });
  });
}
