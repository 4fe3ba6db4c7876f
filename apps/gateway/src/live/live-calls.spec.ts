import { DOWN_KIND } from '@parley/wire';
import { describe, expect, it } from 'vitest';
import { CallOpener } from './call-opener.js';
import type { ClientTransportListener } from './client-transport.js';
import { LiveCalls } from './live-calls.js';
import { GatewayRig, placement } from './testing/gateway-rig.js';
import { RecordingTransport } from './testing/recording-transport.js';

class Client extends RecordingTransport {
  listener: ClientTransportListener | undefined;

  override listen(listener?: ClientTransportListener): void {
    this.listener = listener;
  }

  say(message: object): void {
    this.listener?.onText(JSON.stringify(message));
  }
}

interface Rig {
  readonly rig: GatewayRig;
  readonly calls: LiveCalls;
  connect(): Promise<Client>;
}

function gateway(): Rig {
  const rig = new GatewayRig();
  const { clock, log, metrics } = rig;
  const calls = new LiveCalls(
    {
      opener: new CallOpener(rig.parts),
      resumeTokens: rig.parts.resumeTokens,
      detachWindowMs: 120_000,
      metrics,
      clock,
      log,
    },
    3,
  );
  return {
    rig,
    calls,
    async connect() {
      const client = new Client();
      calls.accept(client);
      client.say({ type: 'hello', token: 'good' });
      await clock.advance(1);
      rig.worker.down({ kind: DOWN_KIND.attached, turn: 1 });
      rig.worker.down({ kind: DOWN_KIND.ready }, { type: 'ready' });
      await clock.advance(1);
      return client;
    },
  };
}

describe('the calls of a gateway', () => {
  it('give their clients the way back with every attach, before and after a failover', async () => {
    const { rig, connect } = gateway();
    const client = await connect();
    expect(client.said('resume')).toMatchObject([{ windowMs: 120_000 }]);
    expect(client.said('resume')[0]?.['token']).toContain('"attach":1,"workerId":"w1"');
    rig.answers.set('w1', 'connection_refused');
    rig.onPlace = async () => ({ kind: 'placed', ...placement('w2', 2) });
    rig.worker.pair.cut();
    await rig.clock.advance(200);
    rig.worker.down({ kind: DOWN_KIND.attached, turn: 2 });
    rig.worker.down({ kind: DOWN_KIND.resumed }, { type: 'resumed', cause: 'worker' });
    await rig.clock.advance(1);
    expect(client.said('resume')[1]?.['token']).toContain('"attach":2,"workerId":"w2"');
    expect(client.said('resumed')).toHaveLength(1);
    expect(client.closed).toBeUndefined();
  });

  it('never let audio of a turn that was interrupted follow from another owner (I10)', async () => {
    const { rig, connect } = gateway();
    const client = await connect();
    rig.worker.audio(3);
    await rig.clock.advance(1);
    rig.worker.down({ kind: DOWN_KIND.interrupted, turn: 3, seq: 1 }, { type: 'event' });
    await rig.clock.advance(1);
    rig.answers.set('w1', 'connection_refused');
    rig.onPlace = async () => ({ kind: 'placed', ...placement('w2', 2) });
    rig.worker.pair.cut();
    await rig.clock.advance(200);
    for (const turn of [2, 3, 4, 3]) rig.worker.audio(turn);
    await rig.clock.advance(1);
    expect(client.sent.filter((text) => text.startsWith('frame'))).toEqual([
      'frame of turn 3',
      'frame of turn 4',
    ]);
  });

  it('tell a client whose run ended while it had no owner', async () => {
    const { rig, connect } = gateway();
    const client = await connect();
    rig.answers.set('w1', { refuse: 'session_not_found' });
    rig.worker.pair.cut();
    await rig.clock.advance(1);
    expect(client.said('ended')).toEqual([{ type: 'ended', reason: 'error' }]);
    expect(client.closed?.code).toBe(1000);
  });

  it('let the run of a client wait that has to go, whatever the cause', async () => {
    const { rig, connect } = gateway();
    const client = await connect();
    client.backlog = 800 * 1_024;
    rig.worker.down({ kind: DOWN_KIND.message, seq: 1 }, { type: 'event' });
    await rig.clock.advance(1);
    expect(client.closed?.code).toBe(4413);
    expect(rig.worker.pair.worker.outcome).toBe('detached');
  });

  it('are asked to go elsewhere when the gateway drains, and closed when they stay too long', async () => {
    const { rig, calls, connect } = gateway();
    const [leaves, stays] = [await connect(), await connect()];
    const channelOfStays = rig.worker.pair.worker;
    let drained = false;
    void calls.drain(20_000).then(() => (drained = true));
    expect(calls.admit()).toBe(false);
    expect(leaves.said('goaway')).toEqual([
      { type: 'goaway', inMs: 20_000, spreadMs: 5_000, reason: 'drain' },
    ]);
    leaves.listener?.onClosed('lost');
    await rig.clock.advance(19_900);
    expect([drained, stays.closed]).toEqual([false, undefined]);
    await rig.clock.advance(200);
    expect(stays.codes()).toEqual(['draining']);
    expect([drained, stays.closed?.code, channelOfStays.outcome]).toEqual([true, 4503, 'detached']);
  });

  it('are drained as soon as the last client has left', async () => {
    const { rig, calls, connect } = gateway();
    const client = await connect();
    let drained = false;
    void calls.drain(20_000).then(() => (drained = true));
    client.listener?.onClosed('done');
    await rig.clock.advance(100);
    expect(drained).toBe(true);
  });

  it('can lose their worker on purpose, each only by its own tenant', async () => {
    const { rig, calls, connect } = gateway();
    await connect();
    expect(calls.crashWorkerOf('live_1', 'another')).toBe(false);
    expect(calls.crashWorkerOf('live_2', 't')).toBe(false);
    expect(calls.crashWorkerOf('live_1', 't')).toBe(true);
    await rig.clock.advance(1);
    expect(rig.worker.up).toEqual(['{"type":"dev.crash"}']);
  });

  it('are taken only so many a second', async () => {
    const { rig, calls } = gateway();
    expect([1, 2, 3, 4].map(() => calls.admit())).toEqual([true, true, true, false]);
    await rig.clock.advance(1_000);
    expect(calls.admit()).toBe(true);
  });
});
