import { describe, expect, it } from 'vitest';
import { ParleyError, toParleyError } from '@parley/kernel';
import { ManualClock } from '@parley-testing/kernel';
import { controlPlaneUnavailable } from './control-plane-unavailable.js';
import { InMemoryPlacement } from './in-memory-placement.js';
import type { PlacementPolicy } from './placement-policy.js';
import type { PlaceRequest } from './session-directory.js';
import { SessionPlacer } from './session-placer.js';
import { aWish, aWorker, granted } from './testing/index.js';

/** Numbers in 0…1 that look random and are the same in every run. */
function chance(): () => number {
  let state = 1;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Writes down what is asked of it, and can be away. */
class WatchedPlacement extends InMemoryPlacement {
  readonly asked: (readonly string[])[] = [];
  reads = 0;
  away = false;

  override candidates(limit: number) {
    this.reads += 1;
    if (this.away) return Promise.reject(controlPlaneUnavailable(new Error('gone')));
    return super.candidates(limit);
  }

  override place(request: PlaceRequest) {
    this.asked.push(request.candidates);
    return super.place(request);
  }
}

async function aFleet(size: number, capacity: number, policy: Partial<PlacementPolicy> = {}) {
  const clock = new ManualClock();
  const store = new WatchedPlacement(clock);
  for (let i = 0; i < size; i += 1) await store.register(aWorker(`w${i}`, { capacity }));
  const placer = new SessionPlacer({ registry: store, directory: store, clock, random: chance(), policy });
  return { clock, store, placer };
}

describe('SessionPlacer', () => {
  it('offers three of the candidates and asks the registry at most once a second', async () => {
    const { clock, store, placer } = await aFleet(9, 1_000);
    await Promise.all([1, 2, 3].map((i) => placer.place(aWish(`live${i}`))));
    await clock.advance(999);
    await placer.place(aWish('live4'));
    expect(store.asked.map((ids) => new Set(ids).size)).toEqual([3, 3, 3, 3]);
    expect(store.reads).toBe(1);
    await clock.advance(1);
    await placer.place(aWish('live5'));
    expect(store.reads).toBe(2);
  });

  it('spreads over the fleet although its picture of the loads is old', async () => {
    const { store, placer } = await aFleet(10, 10_000);
    for (let i = 0; i < 200; i += 1) await placer.place(aWish(`live${i}`));
    const used = (await store.list()).map((worker) => worker.used);
    expect(Math.max(...used)).toBeLessThanOrEqual(3_500);
    expect(Math.min(...used)).toBeGreaterThanOrEqual(1_000);
  });

  it('fills every slot of a fleet that its picture shows empty', async () => {
    const { store, placer } = await aFleet(16, 100);
    for (let i = 0; i < 16; i += 1) await placer.place(aWish(`live${i}`));
    expect((await store.list()).map((worker) => worker.used)).toEqual(Array(16).fill(100));
    expect(store.asked.every((ids) => ids.length <= 16)).toBe(true);
  });

  it('refuses with a scattered retry time when nobody has room, after three draws and one wide try', async () => {
    const { store, placer } = await aFleet(20, 150);
    for (let i = 0; i < 20; i += 1) {
      const refusal = await placer.place(aWish(`live${i}`, { cost: 200 })).catch(toParleyError);
      expect(refusal).toMatchObject({ code: 'capacity_exhausted', retryable: true });
      const retryAfterMs = refusal instanceof ParleyError ? refusal.retryAfterMs : undefined;
      expect(retryAfterMs).toBeGreaterThanOrEqual(1_000);
      expect(retryAfterMs).toBeLessThanOrEqual(5_000);
    }
    expect(store.asked.slice(0, 4).map((ids) => ids.length)).toEqual([3, 3, 3, 16]);
  });

  it('finds the existing live run of a session when no worker takes new ones', async () => {
    const { store, placer } = await aFleet(1, 100);
    const scope = 't1/app/user/s1';
    await store.place(aWish('live1', { scope, candidates: ['w0'] }));
    expect(await placer.place(aWish('live2', { scope }))).toMatchObject({
      kind: 'existing',
      liveId: 'live1',
    });
  });

  it('says that the control plane is away at the first call that fails, and looks again afterwards', async () => {
    const { store, placer } = await aFleet(1, 1_000);
    store.away = true;
    await expect(placer.place(aWish('live1'))).rejects.toMatchObject({
      code: 'control_plane_unavailable',
      retryable: true,
      retryAfterMs: 2_000,
    });
    expect(store.reads).toBe(1);
    store.away = false;
    expect(await placer.place(aWish('live1'))).toMatchObject({ kind: 'placed' });
  });

  it('fills one worker after the other when it packs, each to 60 %', async () => {
    const { clock, store, placer } = await aFleet(4, 1_000, { mode: 'packed' });
    for (let i = 0; i < 12; i += 1) {
      await placer.place(aWish(`live${i}`));
      if (i % 5 === 4) await clock.advance(1_000);
    }
    const used = (await store.list()).map((worker) => worker.used);
    expect(used.sort((a, b) => b - a)).toEqual([600, 600, 0, 0]);
  });

  it('places within its zone while that has room, and elsewhere then', async () => {
    const { store, placer } = await aFleet(3, 100, { zone: 'b' });
    for (const id of ['b0', 'b1']) await store.register(aWorker(id, { capacity: 100, zone: 'b' }));
    const placed = [];
    for (let i = 0; i < 5; i += 1) placed.push((await placer.place(aWish(`live${i}`))).workerId);
    expect(placed.slice(0, 2).sort()).toEqual(['b0', 'b1']);
    expect(placed.slice(2).sort()).toEqual(['w0', 'w1', 'w2']);
  });

  it('never places on a worker whose link is older than its own', async () => {
    const { store, placer } = await aFleet(3, 100, { minVersion: 2 });
    await store.register(aWorker('new', { capacity: 100, version: 2 }));
    expect(await placer.place(aWish('live1'))).toMatchObject({ workerId: 'new' });
    await expect(placer.place(aWish('live2'))).rejects.toMatchObject({ code: 'capacity_exhausted' });
  });

  it('says that a live run has ended', async () => {
    const { store, placer } = await aFleet(1, 1_000);
    const { epoch } = await placer.place(aWish('live1'));
    await store.activate('live1', epoch);
    await store.release('live1', epoch);
    await expect(placer.place(aWish('live1'))).rejects.toMatchObject({
      code: 'session_not_found',
      retryable: false,
    });
  });

  it('moves a live run to a worker that it finds as for a new one, or says that all are full', async () => {
    const { store, placer } = await aFleet(4, 100);
    const { epoch, workerId } = await placer.place(aWish('live1'));
    const others = ['w0', 'w1', 'w2', 'w3'].filter((id) => id !== workerId);
    expect(await placer.move('live1', epoch, others)).toEqual({ kind: 'full' });
    const moved = await placer.move('live1', epoch, others.slice(1));
    expect(moved).toMatchObject({ kind: 'moved', workerId: others[0] });
    expect(await placer.move('live1', epoch)).toMatchObject({ kind: 'stale', epoch: granted(moved).epoch });
    expect(await placer.move('live9', 1)).toEqual({ kind: 'gone' });
    expect((await store.list()).map((worker) => worker.used).sort()).toEqual([0, 0, 0, 100]);
  });
});
