import { DOWN_KIND, encodeFrame } from '@parley/wire';
import { describe, expect, it } from 'vitest';
import { LiveRoute } from './live-route.js';
import { ReceptionLog } from './reception-log.js';
import { GatewayRig, GRANT, MIC, placement } from './testing/gateway-rig.js';
import { RouteListener } from './testing/route-listener.js';

interface Rig {
  readonly rig: GatewayRig;
  readonly route: LiveRoute;
  readonly client: RouteListener;
}

/** A route to a run on worker `w1` that said `ready`. */
async function live(): Promise<Rig> {
  const rig = new GatewayRig();
  const first = placement('w1', 1);
  const channel = await rig.parts.relay.open({
    address: first.address,
    workerId: 'w1',
    expectIncarnation: 'inc_w1',
    liveId: 'live_1',
    epoch: 1,
    attach: 1,
    payload: new TextEncoder().encode(JSON.stringify({ ...GRANT, liveId: 'live_1' })),
    deadlineMs: 5_000,
  });
  const route = new LiveRoute(rig.parts, {
    grant: GRANT,
    liveId: 'live_1',
    placement: first,
    channel,
    attach: 0,
    reception: new ReceptionLog(),
  });
  const client = RouteListener.on(route);
  rig.worker.down({ kind: DOWN_KIND.attached, turn: 1 });
  rig.worker.down({ kind: DOWN_KIND.ready }, { type: 'ready' });
  await rig.clock.advance(1);
  rig.calls.length = 0;
  return { rig, route, client };
}

function speak(route: LiveRoute, frames: number): void {
  for (let i = 0; i < frames; i++) route.media(MIC, encodeFrame(MIC), true);
}

/** The worker's process is gone, and another worker has room. */
async function crash(rig: GatewayRig): Promise<void> {
  rig.answers.set('w1', 'connection_refused');
  rig.onPlace = async () => ({ kind: 'placed', ...placement('w2', 2) });
  rig.worker.pair.cut();
  await rig.clock.advance(200);
}

describe('a route', () => {
  it('goes on with another worker that is told what has come, and gives it what it had not heard', async () => {
    const { rig, route, client } = await live();
    route.text({ type: 'text', id: 'm1', text: 'hi' });
    route.text({ type: 'text', text: 'again' });
    speak(route, 3);
    await rig.clock.advance(1);
    rig.worker.down({ kind: DOWN_KIND.ack, id: 'm1' }, { type: 'ack', id: 'm1' });
    rig.worker.down({ kind: DOWN_KIND.settled, turn: 1 });
    rig.worker.down({ kind: DOWN_KIND.message, seq: 1, turn: 1, id: 'e1' }, { type: 'event' });
    rig.worker.audio(1);
    await rig.clock.advance(1);
    route.playback({ turn: 1, ms: 320 }, '{"type":"playback","turn":1,"ms":320}');
    await crash(rig);
    expect(rig.worker.open).toMatchObject({ workerId: 'w2', epoch: 2 });
    expect(rig.worker.payload).toMatchObject({
      after: 1,
      role: 'owner',
      reception: {
        cause: 'worker',
        seq: 1,
        seen: ['e1'],
        turn: 1,
        turnOpen: true,
        played: { turn: 1, ms: 320 },
        speechFollows: true,
        goneMs: 150,
      },
    });
    expect(rig.worker.up).toEqual([expect.stringContaining('"text":"again"'), 1_296, 1_296]);
    expect([client.overs, client.attaches]).toEqual([[], [1]]);
  });

  it('takes what the user says while nobody owns the run, and sends it to the next owner in its order', async () => {
    const { rig, route } = await live();
    rig.answers.set('w1', 'connection_refused');
    rig.onPlace = async () => ({ kind: 'placed', ...placement('w2', 2) });
    rig.worker.pair.cut();
    await rig.clock.advance(10);
    route.signal('{"type":"activityStart"}', true);
    speak(route, 1);
    route.text({ type: 'text', id: 'm1', text: 'hi' });
    speak(route, 1);
    route.signal('{"type":"activityEnd"}', false);
    await rig.clock.advance(200);
    expect(rig.worker.up).toEqual([
      '{"type":"activityStart"}',
      1_296,
      '{"type":"text","id":"m1","text":"hi"}',
      1_296,
      '{"type":"activityEnd"}',
    ]);
    expect(rig.worker.payload.reception).toMatchObject({ seq: 0, turnOpen: false, speechFollows: true });
  });

  it('refuses texts beyond what may wait, and sends every one that it took', async () => {
    const { rig, route } = await live();
    rig.answers.set('w1', 'connection_refused');
    rig.onPlace = async () => ({ kind: 'placed', ...placement('w2', 2) });
    rig.worker.pair.cut();
    await rig.clock.advance(10);
    const taken: boolean[] = [];
    for (let i = 0; i < 66; i++) {
      try {
        route.text({ type: 'text', id: `m${i}`, text: 'hi' });
        taken.push(true);
      } catch (error) {
        expect(error).toMatchObject({ code: 'rate_limited', retryable: true });
        taken.push(false);
      }
    }
    await rig.clock.advance(200);
    expect(taken.filter(Boolean)).toHaveLength(64);
    expect(rig.worker.up).toHaveLength(64);
  });

  it('opens the run again where it is when only the link was lost, and sends what nobody can have had', async () => {
    const { rig, route, client } = await live();
    speak(route, 2);
    await rig.clock.advance(100);
    rig.worker.pair.cut();
    await rig.clock.advance(1);
    speak(route, 1);
    await rig.clock.advance(1);
    expect(rig.calls).toEqual(['dial w1']);
    expect(rig.worker.open.epoch).toBe(1);
    expect(rig.worker.up).toEqual([1_296]);
    rig.worker.down({ kind: DOWN_KIND.resumed }, { type: 'resumed' });
    await rig.clock.advance(1);
    expect(client.overs).toEqual([]);
    expect(await rig.text('live_failovers_total')).toContain('cause="worker",outcome="kept"} 1');
  });

  it('follows a run that drains to where its worker says', async () => {
    const { rig, route, client } = await live();
    route.text({ type: 'text', id: 'm1', text: 'hi' });
    await rig.clock.advance(1);
    rig.worker.down({ kind: DOWN_KIND.moved }, placement('w3', 7));
    rig.worker.pair.worker.close('moved');
    await rig.clock.advance(1);
    expect(rig.calls).toEqual(['dial w3']);
    expect(rig.worker.payload.reception?.cause).toBe('drain');
    expect(rig.worker.up).toEqual(['{"type":"text","id":"m1","text":"hi"}']);
    await rig.clock.advance(400);
    rig.worker.down({ kind: DOWN_KIND.resumed }, { type: 'resumed' });
    await rig.clock.advance(1);
    expect(await rig.text('live_failovers_total')).toContain('cause="drain",outcome="moved"} 1');
    expect(await rig.text('live_failover_gap_seconds_sum')).toMatch(/0\.40/);
    expect(client.controls.at(-1)?.json).toBe('{"type":"resumed"}');
  });

  it.each(['stale', 'failed', 'moved'] as const)(
    'asks the directory when an owner closes with %s and no word',
    async (reason) => {
      const { rig, client } = await live();
      rig.onFind = async () => ({ state: 'active', ...placement('w2', 2) });
      rig.worker.pair.worker.close(reason);
      await rig.clock.advance(1);
      expect(rig.calls).toEqual(['find', 'dial w2']);
      expect(client.overs).toEqual([]);
    },
  );

  it('keeps what belongs to it from the client, and hears only the newest owner', async () => {
    const { rig, route, client } = await live();
    route.text({ type: 'text', text: 'hi' });
    await rig.clock.advance(1);
    const { id } = JSON.parse(String(rig.worker.up[0])) as { readonly id: string };
    rig.worker.down({ kind: DOWN_KIND.ack, id }, { type: 'ack', id });
    rig.worker.down({ kind: DOWN_KIND.settled, turn: 0 });
    rig.worker.down({ kind: DOWN_KIND.ack, id: 'theirs' }, { type: 'ack', id: 'theirs' });
    await rig.clock.advance(1);
    const before = rig.worker;
    before.pair.stall('worker');
    before.down({ kind: DOWN_KIND.message, seq: 1 }, { late: true });
    before.audio(1);
    rig.onFind = async () => ({ state: 'active', ...placement('w2', 2) });
    before.pair.worker.close('stale');
    await crash(rig);
    before.pair.resume('worker');
    await rig.clock.advance(1);
    expect(client.controls.map(({ json }) => json)).toEqual([
      '{"type":"ready"}',
      '{"type":"ack","id":"theirs"}',
    ]);
    expect(client.turns).toEqual([]);
  });

  it('survives that the next owner is lost too, and counts one break', async () => {
    const { rig, route } = await live();
    route.text({ type: 'text', id: 'm1', text: 'hi' });
    await crash(rig);
    rig.answers.set('w2', 'connection_refused');
    rig.onPlace = async () => ({ kind: 'placed', ...placement('w3', 3) });
    rig.worker.pair.cut();
    await rig.clock.advance(200);
    expect(rig.worker.open.workerId).toBe('w3');
    expect(rig.worker.up).toHaveLength(1);
    expect(rig.worker.payload.reception?.goneMs).toBeGreaterThan(300);
    rig.worker.down({ kind: DOWN_KIND.resumed }, { type: 'resumed' });
    await rig.clock.advance(1);
    expect(await rig.text('live_failovers_total')).toMatch(/outcome="moved"} 1$/);
  });

  it('shows the newest attach when it opens the run anew', async () => {
    const { rig, client } = await live();
    await crash(rig);
    rig.worker.down({ kind: DOWN_KIND.attached, turn: 9 });
    await rig.clock.advance(1);
    expect(client.attaches).toEqual([1, 9]);
    rig.worker.pair.cut();
    rig.answers.set('w2', 'accept');
    await rig.clock.advance(1);
    expect(rig.worker.payload.after).toBe(9);
  });

  it('tells how much speech was lost when it took too long', async () => {
    const { rig, route, client } = await live();
    rig.answers.set('w1', 'unreachable');
    rig.onPlace = async () => ({ kind: 'existing', ...placement('w1', 1) });
    rig.worker.pair.cut();
    await rig.clock.advance(100);
    speak(route, 400);
    rig.answers.set('w1', 'accept');
    await rig.clock.advance(300);
    expect(client.lostMs).toEqual([30 * 40]);
  });

  it.each([
    ['the run has ended', 'session_not_found', undefined],
    ['someone else has taken it over', 'unauthenticated', 'superseded'],
    ['its configuration is refused', 'invalid_config', 'invalid_config'],
  ] as const)('is over when %s', async (_, refuse, told) => {
    const { rig, client } = await live();
    rig.answers.set('w1', { refuse });
    rig.worker.pair.cut();
    await rig.clock.advance(1);
    expect(client.overs).toEqual([told]);
  });

  it('gives up after a minute', async () => {
    const { rig, client } = await live();
    rig.answers.set('w1', 'unreachable');
    rig.onPlace = async () => ({ kind: 'existing', ...placement('w1', 1) });
    rig.worker.pair.cut();
    await rig.clock.advance(59_000);
    expect(client.overs).toEqual([]);
    await rig.clock.advance(2_000);
    expect(client.overs).toEqual(['worker_lost']);
    expect(await rig.text('live_failovers_total')).toContain('outcome="lost"} 1');
  });

  it('is superseded without a search', async () => {
    const { rig, client } = await live();
    rig.worker.pair.worker.close('superseded');
    await rig.clock.advance(1_000);
    expect([client.overs, rig.calls]).toEqual([['superseded'], []]);
  });

  it('searches no more once its client has gone', async () => {
    const { rig, route, client } = await live();
    rig.answers.set('w1', 'unreachable');
    rig.onPlace = async () => ({ kind: 'existing', ...placement('w1', 1) });
    rig.worker.pair.cut();
    await rig.clock.advance(1_000);
    route.detach();
    const { length } = rig.calls;
    await rig.clock.advance(5_000);
    expect([rig.calls.length - length, client.overs]).toEqual([0, []]);
  });
});
