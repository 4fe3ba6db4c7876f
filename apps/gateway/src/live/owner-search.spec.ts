import { ParleyError } from '@parley/kernel';
import { controlPlaneUnavailable, type Placement } from '@parley/placement';
import { describe, expect, it } from 'vitest';
import { OwnerSearch, type FoundOwner, type LostRun } from './owner-search.js';
import { encodeRelayOpen } from '@parley/wire';
import { GatewayRig, GRANT, placement } from './testing/gateway-rig.js';

interface Search {
  readonly rig: GatewayRig;
  readonly abort: AbortController;
  found: FoundOwner | undefined;
  error: ParleyError | undefined;
}

/** Begins the search for a run that was on worker `w1` with epoch 1. */
function search(rig: GatewayRig, run: Partial<LostRun> = {}): Search {
  const abort = new AbortController();
  const state: Search = { rig, abort, found: undefined, error: undefined };
  new OwnerSearch(rig.parts, {
    grant: GRANT,
    liveId: 'live_1',
    placement: placement('w1', 1),
    first: 'dial',
    attach: 3,
    deadlineMs: 60_000,
    opening: () => encodeRelayOpen({ ...GRANT, liveId: 'live_1', after: 3 }),
    signal: abort.signal,
    ...run,
  })
    .found()
    .then(
      (found) => (state.found = found),
      (error: ParleyError) => (state.error = error),
    );
  return state;
}

const onAnother = async (): Promise<{ kind: 'placed' } & Placement> => ({
  kind: 'placed',
  ...placement('w2', 2),
});
const stillThere = async (): Promise<{ kind: 'existing' } & Placement> => ({
  kind: 'existing',
  ...placement('w1', 1),
});

describe('the search for the owner of a run', () => {
  it('opens the run where it was, when its worker is reached again', async () => {
    const rig = new GatewayRig();
    const state = search(rig);
    await rig.clock.advance(1);
    expect(state.found?.placement).toEqual(placement('w1', 1));
    expect(rig.calls).toEqual(['dial w1']);
    expect(rig.worker.open).toMatchObject({ epoch: 1, attach: 4, dialDeadlineMs: 300 });
    expect(rig.worker.payload.after).toBe(3);
  });

  it('declares a worker dead whose port refuses twice, 150 ms apart, and goes on at another one at once', async () => {
    const rig = new GatewayRig();
    rig.answers.set('w1', 'connection_refused');
    rig.onPlace = onAnother;
    const state = search(rig);
    await rig.clock.advance(149);
    expect(rig.calls).toEqual(['dial w1']);
    await rig.clock.advance(1);
    expect(rig.calls).toEqual(['dial w1', 'dial w1', 'declareDead w1 certain', 'place', 'dial w2']);
    expect(state.found?.placement).toMatchObject(placement('w2', 2));
  });

  it('does not declare a worker dead that refused once', async () => {
    const rig = new GatewayRig();
    rig.answers.set('w1', 'connection_refused');
    const state = search(rig);
    await rig.clock.advance(100);
    rig.answers.set('w1', 'accept');
    await rig.clock.advance(100);
    expect(rig.calls).toEqual(['dial w1', 'dial w1']);
    expect(state.found?.placement.workerId).toBe('w1');
  });

  it.each(['other_incarnation', 'other_worker'] as const)(
    'declares a worker dead at once of which %s answers',
    async (failure) => {
      const rig = new GatewayRig();
      rig.answers.set('w1', failure);
      rig.onPlace = onAnother;
      const state = search(rig);
      await rig.clock.advance(1);
      expect(rig.calls).toEqual(['dial w1', 'declareDead w1 certain', 'place', 'dial w2']);
      expect(state.found?.placement.epoch).toBe(2);
    },
  );

  it.each(['unreachable', 'deadline'] as const)(
    'takes an orphaned run (%s, lease gone) to another worker',
    async (failure) => {
      const rig = new GatewayRig();
      rig.answers.set('w1', failure);
      rig.onPlace = onAnother;
      const state = search(rig);
      await rig.clock.advance(1);
      expect(rig.calls).toEqual(['dial w1', 'place', 'dial w2']);
      expect(state.found?.placement.workerId).toBe('w2');
    },
  );

  it('leaves a worker alone that holds its lease, then asks it to let go, then takes the run by force', async () => {
    const rig = new GatewayRig();
    rig.answers.set('w1', 'unreachable');
    rig.onPlace = stillThere;
    rig.onMove = async () => ({ kind: 'moved', ...placement('w2', 2) });
    const state = search(rig);
    await rig.clock.advance(2_999);
    expect(rig.calls.filter((call) => call !== 'dial w1' && call !== 'place')).toEqual([]);
    await rig.clock.advance(1_000);
    expect(rig.calls.filter((call) => call.startsWith('requestMove'))).toHaveLength(1);
    await rig.clock.advance(3_900);
    expect(rig.calls).not.toContain('move');
    expect(state.found).toBeUndefined();
    await rig.clock.advance(500);
    expect(rig.calls.slice(-2)).toEqual(['move', 'dial w2']);
    expect(rig.calls.some((call) => call.startsWith('declareDead'))).toBe(false);
    expect(state.found?.placement.workerId).toBe('w2');
  });

  it('takes a silent worker back that answers before it was asked to let go', async () => {
    const rig = new GatewayRig();
    rig.answers.set('w1', 'deadline');
    rig.onPlace = stillThere;
    const state = search(rig);
    await rig.clock.advance(1_900);
    rig.answers.set('w1', 'accept');
    await rig.clock.advance(250);
    expect(state.found?.placement).toMatchObject(placement('w1', 1));
  });

  it('goes where the directory says that the run has moved on to', async () => {
    const rig = new GatewayRig();
    rig.answers.set('w1', 'unreachable');
    rig.onPlace = async () => ({ kind: 'existing', ...placement('w3', 5) });
    const state = search(rig);
    await rig.clock.advance(1);
    expect(state.found?.placement.workerId).toBe('w3');
  });

  it('asks the directory when the owner does not know the run any more', async () => {
    const rig = new GatewayRig();
    rig.answers.set('w1', { refuse: 'draining' });
    rig.onFind = async () => ({ state: 'active', ...placement('w2', 2) });
    const state = search(rig);
    await rig.clock.advance(1);
    expect(rig.calls).toEqual(['dial w1', 'find', 'dial w2']);
    expect(state.found?.placement.workerId).toBe('w2');
  });

  it('keeps looking while all workers are full, at the one of before too', async () => {
    const rig = new GatewayRig();
    rig.answers.set('w1', 'unreachable');
    rig.onPlace = async () => {
      throw new ParleyError('capacity_exhausted', 'full', { retryable: true });
    };
    const state = search(rig);
    await rig.clock.advance(5_000);
    expect([state.found, state.error]).toEqual([undefined, undefined]);
    rig.onPlace = onAnother;
    await rig.clock.advance(250);
    expect(state.found?.placement.workerId).toBe('w2');
    expect(rig.calls.filter((call) => call === 'dial w1').length).toBeGreaterThan(15);
  });

  it('keeps looking while the control plane is away, and finds the worker of before without it', async () => {
    const rig = new GatewayRig();
    const away = async (): Promise<never> => {
      throw controlPlaneUnavailable(new Error('away'));
    };
    rig.answers.set('w1', 'unreachable');
    Object.assign(rig, { onPlace: away, onFind: away });
    const state = search(rig, { first: 'find' });
    await rig.clock.advance(30_000);
    expect([state.found, state.error]).toEqual([undefined, undefined]);
    rig.answers.set('w1', 'accept');
    await rig.clock.advance(250);
    expect(state.found?.placement.workerId).toBe('w1');
  });

  it('tells that a run has ended', async () => {
    const rig = new GatewayRig();
    rig.answers.set('w1', 'unreachable');
    rig.onPlace = async () => {
      throw new ParleyError('session_not_found', 'ended', { kind: 'not_found' });
    };
    const state = search(rig);
    await rig.clock.advance(1);
    expect(state.error?.code).toBe('session_not_found');
  });

  it('does not take another run of the session for this one', async () => {
    const rig = new GatewayRig();
    rig.answers.set('w1', 'unreachable');
    rig.onPlace = async () => ({ kind: 'existing', ...placement('w2', 2), liveId: 'live_2' });
    const state = search(rig);
    await rig.clock.advance(1);
    expect(state.error?.code).toBe('session_not_found');
  });

  it('passes on the refusal of an owner that does not want this attach', async () => {
    const rig = new GatewayRig();
    rig.answers.set('w1', { refuse: 'unauthenticated' });
    const state = search(rig);
    await rig.clock.advance(1);
    expect([state.error?.code, rig.calls]).toEqual(['unauthenticated', ['dial w1']]);
  });

  it('gives up after its deadline, and at once when nobody wants the run any more', async () => {
    const rig = new GatewayRig();
    rig.answers.set('w1', 'unreachable');
    rig.onPlace = stillThere;
    const patient = search(rig);
    const impatient = search(rig);
    impatient.abort.abort();
    await rig.clock.advance(1);
    expect([patient.error, impatient.error?.code]).toEqual([undefined, 'worker_lost']);
    await rig.clock.advance(61_000);
    expect(patient.error?.code).toBe('worker_lost');
  });
});
