import { turns, until } from '@parley-testing/kernel';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import type { FrameChannel, LinkLoss } from './frame-channel.js';
import { Recorder, text } from './testing/recorder.js';
import { afterTest, at, failureOf, gateway, worker } from './testing/relay-parts.js';

describe('RelayClient and RelayServer', () => {
  it('open a channel with what the worker needs to decide', async () => {
    const seen: unknown[] = [];
    const { address } = await worker({
      capabilities: ['opus'],
      onOpen: (channel, payload) => {
        const { liveId, epoch, attach, peer } = channel;
        seen.push({ liveId, epoch, attach, peer, payload: new TextDecoder().decode(payload) });
        return { kind: 'accept' };
      },
    });
    const client = gateway({ capabilities: ['moved'] });
    const channel = await client.open(at(address, { epoch: Number.MAX_SAFE_INTEGER, attach: 4 }));
    expect(channel.peer).toEqual({ id: 'worker_1', incarnation: 'inc_1', capabilities: ['opus'] });
    expect(seen).toEqual([
      {
        liveId: 'live_1',
        epoch: Number.MAX_SAFE_INTEGER,
        attach: 4,
        peer: { id: 'gateway_1', capabilities: ['moved'] },
        payload: 'config',
      },
    ]);
  });

  it('share one link among all runs of a worker, dialled once', async () => {
    const { server, address } = await worker();
    const client = gateway();
    const opening = Array.from({ length: 50 }, (_, i) => client.open(at(address, { liveId: `live_${i}` })));
    await Promise.all(opening);
    expect([client.counters.links, client.counters.channels]).toEqual([1, 50]);
    expect([server.counters.links, server.counters.channels]).toEqual([1, 50]);
  });

  it('send what the worker said before it accepted behind the acceptance', async () => {
    const { address } = await worker({
      onOpen: async (channel) => {
        channel.sendControl(text('ready'));
        await turns(5);
        return { kind: 'accept' };
      },
    });
    const above = Recorder.on(await gateway().open(at(address)));
    await until('the word', () => above.controls.length === 1);
    expect(above.controls).toEqual(['ready']);
  });

  it("hand the worker's refusal on, and close its channel as refused", async () => {
    const below = new Recorder();
    const { address, server } = await worker({
      onOpen: (channel) => {
        channel.listen(below);
        channel.sendControl(text('never sent'));
        return { kind: 'refuse', code: 'superseded', message: 'There is a newer attach.', retryAfterMs: 70 };
      },
    });
    const client = gateway();
    const error = await failureOf(client.open(at(address)));
    expect(error).toBeInstanceOf(ParleyError);
    expect([error.failure, error.code, error.retryAfterMs]).toEqual(['refused', 'superseded', 70]);
    expect(below.closes.map((close) => close.outcome)).toEqual(['refused']);
    expect([client.counters.channels, server.counters.channels]).toEqual([0, 0]);
  });

  it("refuse with the code of what the worker's handler threw", async () => {
    const { address } = await worker({
      onOpen: ({ liveId }) => {
        throw liveId === 'live_1'
          ? new ParleyError('session_not_found', 'Gone.')
          : new TypeError('secret text');
      },
    });
    const client = gateway();
    expect((await failureOf(client.open(at(address)))).code).toBe('session_not_found');
    const fault = await failureOf(client.open(at(address, { liveId: 'live_2' })));
    expect(fault.code).toBe('internal');
    expect(fault.message).not.toContain('secret');
  });

  it('give up at the deadline, and the worker keeps what it took for whoever asks next', async () => {
    const below = new Recorder();
    const { address } = await worker({
      onOpen: async (channel) => {
        if (channel.liveId === 'live_0') return { kind: 'accept' };
        channel.listen(below);
        await until('the gateway gives up', () => channel.outcome !== undefined);
        return { kind: 'accept' };
      },
    });
    const client = gateway();
    await client.open(at(address, { liveId: 'live_0' }));
    const error = await failureOf(client.open(at(address, { deadlineMs: 50 })));
    expect([error.failure, error.kind]).toEqual(['deadline', 'deadline_exceeded']);
    await until('the close', () => below.closes.length === 1);
    expect([below.closes[0]?.outcome, client.counters.channels]).toEqual(['detached', 1]);
  });

  it('tell a process that is gone from one that does not answer', async () => {
    const { address, server } = await worker({ incarnation: 'inc_2' });
    const client = gateway();
    expect((await failureOf(client.open(at(address)))).failure).toBe('other_incarnation');
    const other = at(address, { workerId: 'worker_2' });
    expect((await failureOf(client.open(other))).failure).toBe('other_worker');
    await server.close();
    expect((await failureOf(client.open(at(address)))).failure).toBe('connection_refused');
    expect((await failureOf(client.open(at('nowhere')))).failure).toBe('unreachable');
    const mute = createServer();
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    afterTest(() => void mute.close());
    const bound = mute.address();
    const mutePort = typeof bound === 'object' && bound !== null ? bound.port : 0;
    const waiting = at(`127.0.0.1:${mutePort}`, { deadlineMs: 50 });
    expect((await failureOf(client.open(waiting))).failure).toBe('deadline');
    client.close();
  });

  it('open another link when the worker is a new incarnation', async () => {
    const { address, server } = await worker();
    const client = gateway();
    const above = Recorder.on(await client.open(at(address)));
    server.reincarnate('inc_2');
    await until('the old link is gone', () => above.closes.length === 1);
    expect(above.closes).toEqual([{ outcome: 'link_lost', loss: 'disconnected' }]);
    expect((await failureOf(client.open(at(address)))).failure).toBe('other_incarnation');
    const again = await client.open(at(address, { expectIncarnation: 'inc_2' }));
    expect(again.peer.incarnation).toBe('inc_2');
  });

  it('do not talk to each other without the same secret', async () => {
    const { address, server } = await worker();
    const client = gateway({ secret: 'guessed' });
    const error = await failureOf(client.open(at(address)));
    expect([error.failure, error.code]).toEqual(['handshake', 'internal']);
    expect([server.counters.links, server.counters.failedHandshakes]).toEqual([0, 1]);
    expect(client.counters.failedHandshakes).toBe(1);
  });

  it('dial again from within a close handler', async () => {
    const { address, server } = await worker();
    const client = gateway();
    const channel = await client.open(at(address));
    const next = at(address, { attach: 2, expectIncarnation: 'inc_2' });
    const again = new Promise<FrameChannel>((resolve, reject) => {
      channel.listen({
        onControl: () => undefined,
        onMedia: () => undefined,
        onClose: () => void client.open(next).then(resolve, reject),
      });
    });
    server.reincarnate('inc_2');
    expect((await again).attach).toBe(2);
  });

  it('do not let one bad open end the link of all', async () => {
    const { address } = await worker();
    const client = gateway();
    const channel = await client.open(at(address));
    const large = at(address, { payload: new Uint8Array(300 * 1024) });
    await expect(client.open(large)).rejects.toMatchObject({ code: 'frame_too_large' });
    await expect(client.open(at(address, { epoch: 1.5 }))).rejects.toThrow(RangeError);
    await expect(client.open(at(address, { liveId: '' }))).rejects.toThrow(RangeError);
    expect([channel.outcome, client.counters.channels]).toEqual([undefined, 1]);
  });

  it("take any of the worker's secrets, so that one can be changed without a break", async () => {
    const { address } = await worker({ secrets: ['next', 'secret'] });
    for (const secret of ['next', 'secret']) {
      expect((await gateway({ secret }).open(at(address))).outcome).toBeUndefined();
    }
  });

  it('say when the last channel is gone, and take whatever the worker takes until then', async () => {
    const { address, server } = await worker();
    const client = gateway();
    const channel = await client.open(at(address));
    let drained = false;
    const draining = server.drain().then(() => (drained = true));
    const another = await client.open(at(address, { liveId: 'live_2' }));
    channel.close('ended');
    await turns(5);
    expect(drained).toBe(false);
    another.close('ended');
    await draining;
  });

  it('give up dialling early, and wait longer for a worker that answers', async () => {
    const { address } = await worker({
      onOpen: async () => {
        await turns(20);
        return { kind: 'accept' };
      },
    });
    const client = gateway();
    const mute = await silentPort();
    const error = await failureOf(client.open(at(mute, { dialDeadlineMs: 20, deadlineMs: 60_000 })));
    expect(error.failure).toBe('deadline');
    const opened = await client.open(at(address, { dialDeadlineMs: 2_000, deadlineMs: 60_000 }));
    expect(opened.outcome).toBeUndefined();
  });

  it('end their channels when one of them closes', async () => {
    const ends: string[] = [];
    const observe = (name: string) => ({
      linkDown: (peer: string, loss: LinkLoss) => void ends.push(`${name}: ${peer} ${loss}`),
    });
    const { address, server } = await worker({ observer: observe('worker') });
    const client = gateway({ observer: observe('gateway') });
    const above = Recorder.on(await client.open(at(address)));
    await server.close();
    await until('the gateway hears', () => above.closes.length === 1);
    expect(above.closes).toEqual([{ outcome: 'link_lost', loss: 'disconnected' }]);
    expect(ends.sort()).toEqual(['gateway: worker_1 disconnected', 'worker: gateway_1 shut']);
    client.close();
    expect((await failureOf(client.open(at(address)))).failure).toBe('client_closed');
  });

  it('hang up a link that carries nothing', async () => {
    const { address, server } = await worker();
    const client = gateway({ limits: { idleLinkMs: 20 } });
    const channel = await client.open(at(address));
    channel.close('ended');
    await until('the link is gone', () => client.counters.links === 0 && server.counters.links === 0);
    expect(client.counters.lostLinks.shut).toBe(1);
    expect((await client.open(at(address))).outcome).toBeUndefined();
  });
});

/** Takes connections and says nothing, as a process that stands still. */
async function silentPort(): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  afterTest(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
