import { ParleyError } from '@parley/kernel';
import { controlPlaneUnavailable } from '@parley/placement';
import type { ResumeGrant } from '@parley/tenancy';
import type { HelloMessage } from '@parley/wire';
import { describe, expect, it } from 'vitest';
import { CallOpener } from './call-opener.js';
import type { LiveRoute } from './live-route.js';
import { GatewayRig, GRANT, placement } from './testing/gateway-rig.js';

const TOKEN: HelloMessage = { type: 'hello', v: 1, token: 'good' };

/** A client that had come to attach 3 of a run on worker `w1`, and to event 12. */
function resumption(): HelloMessage {
  const { liveId, ...route } = placement('w1', 1);
  const resume: ResumeGrant = { grant: GRANT, liveId, attach: 3, ...route };
  return {
    type: 'hello',
    v: 1,
    resume: { token: JSON.stringify(resume), seq: 12, played: { turn: 2, ms: 480 }, seen: ['e9'] },
  };
}

interface Opening {
  readonly abort: AbortController;
  route: LiveRoute | undefined;
  code: string | undefined;
}

async function open(rig: GatewayRig, hello: HelloMessage): Promise<Opening> {
  const opening: Opening = { abort: new AbortController(), route: undefined, code: undefined };
  new CallOpener(rig.parts).open(hello, opening.abort.signal).then(
    (route) => (opening.route = route),
    (error: ParleyError) => (opening.code = error.code),
  );
  await rig.clock.advance(1);
  return opening;
}

const away = async (): Promise<never> => {
  throw controlPlaneUnavailable(new Error('away'));
};

describe('opening a call', () => {
  it('places a new one and tells its worker nothing that it had', async () => {
    const rig = new GatewayRig();
    expect((await open(rig, TOKEN)).route?.liveId).toBe('live_1');
    expect(rig.calls).toEqual(['place', 'dial w1']);
    expect(rig.worker.payload).toMatchObject({ ...GRANT, liveId: 'live_1', role: 'owner' });
    expect([rig.worker.payload.after, rig.worker.payload.reception]).toEqual([undefined, undefined]);
  });

  it('attaches another device to the live run that the session has', async () => {
    const rig = new GatewayRig();
    rig.onPlace = async () => ({ kind: 'existing', ...placement('w2', 2), liveId: 'live_before' });
    expect((await open(rig, TOKEN)).route?.liveId).toBe('live_before');
    expect(rig.worker.open).toMatchObject({ liveId: 'live_before', workerId: 'w2', epoch: 2 });
    expect(rig.worker.payload.after).toBeUndefined();
  });

  it('begins a new run when the one that the session had ends meanwhile', async () => {
    const rig = new GatewayRig();
    const places = [
      async () => ({ kind: 'existing' as const, ...placement('w1', 1), liveId: 'live_before' }),
      async () => {
        throw new ParleyError('session_not_found', 'ended', { kind: 'not_found' });
      },
      async () => ({ kind: 'placed' as const, ...placement('w2', 2) }),
    ];
    rig.answers.set('w1', { refuse: 'draining' });
    rig.onPlace = async () => (places.shift() ?? rig.onPlace)();
    expect((await open(rig, TOKEN)).route?.liveId).toBe('live_1');
    expect(rig.calls).toEqual(['place', 'dial w1', 'find', 'place', 'place', 'dial w2']);
  });

  it('goes to another worker when the one that was found has died', async () => {
    const rig = new GatewayRig();
    rig.answers.set('w1', 'connection_refused');
    const opening = await open(rig, TOKEN);
    rig.onPlace = async () => ({ kind: 'placed', ...placement('w2', 2) });
    await rig.clock.advance(150);
    expect(opening.route).toBeDefined();
    expect(rig.worker.open.workerId).toBe('w2');
  });

  it.each([
    ['capacity_exhausted', 'nocap', new ParleyError('capacity_exhausted', 'full', { retryable: true })],
    ['control_plane_unavailable', 'redis_down', controlPlaneUnavailable(new Error('away'))],
  ])('is refused at once with %s', async (code, result, error) => {
    const rig = new GatewayRig();
    rig.onPlace = async () => {
      throw error;
    };
    expect((await open(rig, TOKEN)).code).toBe(code);
    expect(await rig.text('live_session_starts_total')).toContain(`result="${result}"} 1`);
  });

  it('passes on what a worker finds wrong with it', async () => {
    const rig = new GatewayRig();
    rig.answers.set('w1', { refuse: 'invalid_config' });
    expect((await open(rig, TOKEN)).code).toBe('invalid_config');
  });

  it('is given up when the client has gone', async () => {
    const rig = new GatewayRig();
    rig.answers.set('w1', 'unreachable');
    rig.onPlace = async () => ({ kind: 'existing', ...placement('w1', 1) });
    const opening = await open(rig, TOKEN);
    opening.abort.abort();
    await rig.clock.advance(1);
    expect(opening.code).toBe('worker_lost');
  });
});

describe('a client that comes back', () => {
  it('finds its run with one look into the directory, and says what it has had', async () => {
    const rig = new GatewayRig();
    rig.onFind = async () => ({ state: 'active', ...placement('w1', 1) });
    expect((await open(rig, resumption())).route?.liveId).toBe('live_1');
    expect(rig.calls).toEqual(['find', 'dial w1']);
    expect(rig.worker.payload).toMatchObject({
      after: 3,
      reception: { cause: 'client', seq: 12, seen: ['e9'], turn: 2, played: { turn: 2, ms: 480 } },
    });
  });

  it('finds a run that was moved meanwhile', async () => {
    const rig = new GatewayRig();
    rig.onFind = async () => ({ state: 'active', ...placement('w4', 9) });
    await open(rig, resumption());
    expect(rig.calls).toEqual(['find', 'dial w4']);
    expect(rig.worker.open.epoch).toBe(9);
  });

  it.each([
    ['is orphaned', async () => ({ state: 'orphaned' as const, ...placement('w1', 1) })],
    ['the directory lost', async () => undefined],
  ])('gets a run that %s another owner', async (_, find) => {
    const rig = new GatewayRig();
    rig.onFind = find;
    rig.onPlace = async () => ({ kind: 'placed', ...placement('w2', 2) });
    await open(rig, resumption());
    expect(rig.calls).toEqual(['find', 'place', 'dial w2']);
    expect(rig.worker.payload.reception?.seq).toBe(12);
  });

  it('is told that a run has ended', async () => {
    const rig = new GatewayRig();
    rig.onPlace = async () => {
      throw new ParleyError('session_not_found', 'ended', { kind: 'not_found' });
    };
    expect((await open(rig, resumption())).code).toBe('session_not_found');
    expect(await rig.text('live_resumes_total')).toContain('outcome="session_not_found"} 1');
  });

  it('finds its run while Redis is away, where the token says', async () => {
    const rig = new GatewayRig();
    rig.onFind = away;
    rig.onPlace = away;
    expect((await open(rig, resumption())).route).toBeDefined();
    expect(rig.calls).toEqual(['find', 'dial w1']);
  });

  it('waits for Redis when the worker of the token is gone as well', async () => {
    const rig = new GatewayRig();
    rig.onFind = away;
    rig.onPlace = away;
    rig.answers.set('w1', 'connection_refused');
    const opening = await open(rig, resumption());
    await rig.clock.advance(20_000);
    expect([opening.route, opening.code]).toEqual([undefined, undefined]);
    rig.onPlace = async () => ({ kind: 'placed', ...placement('w2', 2) });
    await rig.clock.advance(500);
    expect(opening.route).toBeDefined();
  });

  it('is refused with an old token', async () => {
    const rig = new GatewayRig();
    rig.onFind = async () => ({ state: 'active', ...placement('w1', 1) });
    rig.answers.set('w1', { refuse: 'unauthenticated' });
    expect((await open(rig, resumption())).code).toBe('unauthenticated');
  });
});
