import { beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '@parley/kernel';
import { ManualClock, settle } from '@parley-testing/kernel';
import { controlPlaneUnavailable } from './control-plane-unavailable.js';
import { InMemoryPlacement } from './in-memory-placement.js';
import type { Heartbeat, WorkerRegistry, WorkerState } from './worker-registry.js';
import { LEASE_MS, WorkerLease, type WorkerLeaseOptions } from './worker-lease.js';
import { aWish, aWorker, granted } from './testing/index.js';

describe('WorkerLease', () => {
  let clock: ManualClock;
  let store: InMemoryPlacement;
  let away: boolean;
  let beats: Heartbeat[];
  let reported: { state: WorkerState; load: number };
  let registry: WorkerRegistry;

  /** Reaches the store of the moment, so that a test can lose it or take it away. */
  const guarded = <T>(call: () => Promise<T>): Promise<T> =>
    away ? Promise.reject(controlPlaneUnavailable(new Error('gone'))) : call();

  beforeEach(() => {
    clock = new ManualClock();
    store = new InMemoryPlacement(clock);
    away = false;
    beats = [];
    reported = { state: 'ready', load: 0.1 };
    registry = {
      register: (worker) => guarded(() => store.register(worker)),
      heartbeat(beat) {
        beats.push(beat);
        return guarded(() => store.heartbeat(beat));
      },
      deregister: (workerId, incarnation) => guarded(() => store.deregister(workerId, incarnation)),
      declareDead: (...call) => guarded(() => store.declareDead(...call)),
      requestMove: (...call) => guarded(() => store.requestMove(...call)),
      candidates: (limit) => guarded(() => store.candidates(limit)),
      list: () => guarded(() => store.list()),
    };
  });

  function aLease(changes: Partial<WorkerLeaseOptions> = {}): WorkerLease {
    let incarnations = 0;
    return new WorkerLease({
      registry,
      workerId: 'w1',
      address: '10.0.0.1:7946',
      capacity: 8_000,
      clock,
      random: () => 0.5,
      log: silentLog,
      newIncarnation: () => `i${(incarnations += 1)}`,
      report: () => reported,
      reassert: () => Promise.resolve(),
      onFenced: () => undefined,
      onRevoked: () => undefined,
      onWanted: () => undefined,
      ...changes,
    });
  }

  it('registers, then beats once a second with what the worker reports', async () => {
    const lease = aLease();
    expect(lease.held).toBe(false);
    await lease.start();
    await settle();
    reported = { state: 'full', load: 0.9 };
    await clock.advance(2_000);
    expect(beats.map(({ state, load }) => [state, load])).toEqual([
      ['ready', 0.1],
      ['full', 0.9],
      ['full', 0.9],
    ]);
    expect(await store.list()).toMatchObject([{ incarnation: 'i1', state: 'full', alive: true }]);
    expect(lease.held).toBe(true);
    await lease.close();
  });

  it('scatters its beats by a tenth', async () => {
    for (const [random, untilMs] of [
      [0, 900],
      [1, 1_100],
    ] as const) {
      beats = [];
      const lease = aLease({ random: () => random });
      await lease.start();
      await settle();
      await clock.advance(untilMs - 1);
      expect(beats).toHaveLength(1);
      await clock.advance(1);
      expect(beats).toHaveLength(2);
      await lease.close();
    }
  });

  it('tells of a drain at once', async () => {
    const lease = aLease();
    await lease.start();
    reported = { state: 'draining', load: 0 };
    await lease.beatNow();
    expect(await store.candidates(64)).toEqual([]);
    await lease.close();
  });

  it('keeps trying while the registry is away, and goes on with the same incarnation', async () => {
    const lease = aLease();
    away = true;
    let started = false;
    void lease.start().then(() => {
      started = true;
    });
    await clock.advance(10_000);
    expect(started).toBe(false);
    away = false;
    await clock.advance(1_000);
    expect(started).toBe(true);
    away = true;
    await clock.advance(3_000);
    expect(lease.held).toBe(true);
    away = false;
    await clock.advance(1_000);
    expect(lease.incarnation).toBe('i1');
    expect(await store.list()).toMatchObject([{ incarnation: 'i1', alive: true }]);
    await lease.close();
  });

  it('registers again and re-asserts when the registry lost it, and takes nothing new meanwhile', async () => {
    const candidatesMeanwhile: number[] = [];
    const lease: WorkerLease = aLease({
      async reassert(incarnation) {
        candidatesMeanwhile.push((await store.candidates(64)).length);
        const claim = { ...aWish('live1'), workerId: 'w1', incarnation, epoch };
        expect(await store.reassert(claim)).toBe('active');
      },
    });
    await lease.start();
    const { epoch } = granted(await store.place(aWish('live1')));
    store = new InMemoryPlacement(clock);
    await clock.advance(1_000);
    expect(candidatesMeanwhile).toEqual([0]);
    expect(lease.incarnation).toBe('i1');
    expect(await store.list()).toMatchObject([{ state: 'ready', used: 100, alive: true }]);
    await lease.close();
  });

  it('re-asserts after its lease had run out, for its live runs may have been placed elsewhere', async () => {
    let reasserts = 0;
    const lease = aLease({
      reassert() {
        reasserts += 1;
        return Promise.resolve();
      },
    });
    await lease.start();
    await settle();
    away = true;
    await clock.advance(LEASE_MS);
    expect(lease.held).toBe(false);
    away = false;
    await clock.advance(1_000);
    expect(reasserts).toBe(1);
    expect(await store.list()).toMatchObject([{ state: 'ready', alive: true }]);
    await lease.close();
  });

  it('stays full and keeps its lease until re-asserting went through', async () => {
    let failures = 5;
    const lease = aLease({
      reassert: () => ((failures -= 1) >= 0 ? Promise.reject(new Error('not yet')) : Promise.resolve()),
    });
    await lease.start();
    store = new InMemoryPlacement(clock);
    await clock.advance(5_000);
    expect(await store.list()).toMatchObject([{ state: 'full', alive: true }]);
    await clock.advance(1_000);
    expect(await store.list()).toMatchObject([{ state: 'ready', alive: true }]);
    await lease.close();
  });

  it('re-asserts when it was declared dead although it lives, and takes nothing new meanwhile', async () => {
    const candidatesMeanwhile: number[] = [];
    const lease: WorkerLease = aLease({
      async reassert(incarnation) {
        candidatesMeanwhile.push((await store.candidates(64)).length);
        await store.reassert({ ...aWish('live1'), workerId: 'w1', incarnation, epoch });
      },
    });
    await lease.start();
    const { epoch } = granted(await store.place(aWish('live1')));
    await store.activate('live1', epoch);
    await store.declareDead('w1', 'i1', { certain: true });
    await clock.advance(1_000);
    expect(candidatesMeanwhile).toEqual([0]);
    expect(await store.find('live1')).toMatchObject({ state: 'active', epoch });
    expect(await store.list()).toMatchObject([{ state: 'ready', used: 100, alive: true }]);
    await lease.close();
  });

  it('registers its zone and the version of its link', async () => {
    const lease = aLease({ zone: 'eu-1b', version: 2 });
    await lease.start();
    expect(await store.list()).toMatchObject([{ zone: 'eu-1b', version: 2 }]);
    await lease.close();
  });

  it('carries out what it is told once, and again only when that failed', async () => {
    let failures = 2;
    const revoked: (readonly string[])[] = [];
    const wanted: (readonly string[])[] = [];
    const lease = aLease({
      onRevoked(liveIds) {
        revoked.push(liveIds);
        if ((failures -= 1) >= 0) throw new Error('not yet');
      },
      onWanted: (liveIds) => void wanted.push(liveIds),
    });
    await lease.start();
    await store.register(aWorker('w2'));
    const epochs = new Map<string, number>();
    for (const liveId of ['live1', 'live2']) {
      const { epoch } = granted(await store.place(aWish(liveId)));
      await store.activate(liveId, epoch);
      epochs.set(liveId, epoch);
    }
    await store.requestMove('w1', 'live1');
    await store.move({ liveId: 'live2', epoch: epochs.get('live2') ?? 0, candidates: ['w2'] });
    await clock.advance(5_000);
    expect(revoked).toEqual([['live2'], ['live2'], ['live2']]);
    expect(wanted).toEqual([['live1']]);
    await lease.close();
  });

  describe('asked whether it is renewed', () => {
    const outcomeOf = (question: Promise<'ok' | 'away'>) => {
      const asked: { outcome?: 'ok' | 'away' } = {};
      void question.then((outcome) => {
        asked.outcome = outcome;
      });
      return asked;
    };

    it('beats at once and says ok', async () => {
      const lease = aLease();
      await lease.start();
      await settle();
      expect(await lease.whenRenewed()).toBe('ok');
      expect(beats).toHaveLength(2);
      await lease.close();
    });

    it('does not count an answer to a beat that was sent before', async () => {
      const lease = aLease();
      await lease.start();
      await settle();
      let answerOld: () => void = () => undefined;
      registry.heartbeat = (beat) => {
        beats.push(beat);
        if (beats.length > 2) return store.heartbeat(beat);
        return new Promise((resolve) => (answerOld = () => resolve(store.heartbeat(beat))));
      };
      void lease.beatNow();
      await settle();
      const asked = outcomeOf(lease.whenRenewed());
      await settle();
      expect([asked.outcome, beats.length]).toEqual([undefined, 2]);
      answerOld();
      await settle();
      expect([asked.outcome, beats.length]).toEqual(['ok', 3]);
      await lease.close();
    });

    it('answers once what runs is re-asserted, or dropped', async () => {
      let go: () => void = () => undefined;
      const held = () => new Promise<void>((resolve) => (go = resolve));
      const lease = aLease({ reassert: held, onFenced: held });
      await lease.start();
      await store.declareDead('w1', 'i1', { certain: true });
      const lapsed = outcomeOf(lease.whenRenewed());
      await settle();
      expect(lapsed.outcome).toBeUndefined();
      go();
      await settle();
      expect(lapsed.outcome).toBe('ok');

      store = new InMemoryPlacement(clock);
      await store.register(aWorker('w1', { incarnation: 'other' }));
      const fenced = outcomeOf(lease.whenRenewed());
      await settle();
      expect(fenced.outcome).toBeUndefined();
      go();
      await settle();
      expect(fenced.outcome).toBe('ok');
      await lease.close();
    });

    it('says away when the registry does not answer, and when it is closed', async () => {
      const lease = aLease();
      await lease.start();
      away = true;
      expect(await lease.whenRenewed()).toBe('away');
      away = false;
      await lease.close();
      expect(await lease.whenRenewed()).toBe('away');
    });
  });

  it('drops its live runs when fenced and comes back as a new incarnation once the other is gone', async () => {
    const fenced: string[] = [];
    const lease = aLease({ onFenced: (incarnation) => void fenced.push(incarnation) });
    await lease.start();
    store = new InMemoryPlacement(clock);
    await store.register(aWorker('w1', { incarnation: 'other', leaseMs: LEASE_MS }));
    await clock.advance(1_000);
    expect(fenced).toEqual(['i1']);
    expect(lease.held).toBe(false);
    expect(await store.list()).toMatchObject([{ incarnation: 'other' }]);
    await clock.advance(LEASE_MS);
    expect(fenced).toEqual(['i1']);
    expect(await store.list()).toMatchObject([{ incarnation: 'i2', alive: true }]);
    await lease.close();
  });

  it('does not come back from a fence before its live runs are dropped', async () => {
    let stuck = true;
    const lease = aLease({
      onFenced: () => (stuck ? Promise.reject(new Error('still dropping')) : Promise.resolve()),
    });
    await lease.start();
    store = new InMemoryPlacement(clock);
    await store.register(aWorker('w1', { incarnation: 'other', leaseMs: 60_000 }));
    await clock.advance(3_000);
    expect(lease.incarnation).toBe('i1');
    stuck = false;
    await clock.advance(1_000);
    expect(lease.incarnation).toBe('i2');
    await lease.close();
  });

  it('deregisters once when closed, and is silent from then on', async () => {
    const lease = aLease();
    await lease.start();
    await settle();
    await Promise.all([lease.close(), lease.close()]);
    await lease.beatNow();
    await clock.advance(10_000);
    expect(beats).toHaveLength(1);
    expect(await store.list()).toEqual([]);
    expect(lease.held).toBe(false);
  });

  it('closes although the registry is away, also before it ever registered', async () => {
    away = true;
    const lease = aLease();
    const started = lease.start();
    await lease.close();
    await started;
    const registered = aLease();
    away = false;
    await registered.start();
    away = true;
    await registered.close();
    expect(await store.list()).toHaveLength(1);
  });
});
