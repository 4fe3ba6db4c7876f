import { connect, createServer, type Socket } from 'node:net';
import { ParleyError, silentLog, systemClock } from '@parley/kernel';
import { afterEach, describe, expect, it } from 'vitest';
import type { FrameChannel, LinkLoss } from './frame-channel.js';
import { FrameParser } from './frame-parser.js';
import { LINK_FRAME } from './link-frame.js';
import { decodeChallenge, encodeHello } from './link-message.js';
import { helloToken } from './link-token.js';
import { RelayClient, type OpenOptions, type RelayClientOptions } from './relay-client.js';
import type { RelayOpenError } from './relay-open-error.js';
import { RelayServer, type OpenHandler, type RelayServerOptions } from './relay-server.js';
import { linkFrame } from './testing/link-bytes.js';
import { Recorder, text } from './testing/recorder.js';
import { turns, until } from './testing/until.js';

const SHARED = { clock: systemClock, log: silentLog };
const accept: OpenHandler = () => ({ kind: 'accept' });
const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Worker {
  readonly server: RelayServer;
  readonly address: string;
  readonly port: number;
}

async function worker(options: Partial<RelayServerOptions> = {}): Promise<Worker> {
  const server = new RelayServer({
    ...SHARED,
    workerId: 'worker_1',
    incarnation: 'inc_1',
    secrets: ['secret'],
    onOpen: accept,
    ...options,
  });
  closers.push(() => server.close());
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { server, port, address: `127.0.0.1:${port}` };
}

function gateway(options: Partial<RelayClientOptions> = {}): RelayClient {
  const client = new RelayClient({ ...SHARED, gatewayId: 'gateway_1', secret: 'secret', ...options });
  closers.push(() => client.close());
  return client;
}

function at(address: string, options: Partial<OpenOptions> = {}): OpenOptions {
  return {
    address,
    workerId: 'worker_1',
    expectIncarnation: 'inc_1',
    liveId: 'live_1',
    epoch: 1,
    attach: 1,
    payload: text('config'),
    deadlineMs: 5_000,
    ...options,
  };
}

async function failureOf(opening: Promise<FrameChannel>): Promise<RelayOpenError> {
  return await opening.then(
    () => Promise.reject(new Error('It opened.')),
    (error: RelayOpenError) => error,
  );
}

/** A connection that speaks the link by hand; `frames` are the types that came. */
async function stranger(port: number): Promise<{
  readonly socket: Socket;
  readonly types: number[];
  readonly state: { closed: boolean; nonce: string };
}> {
  const socket = connect({ host: '127.0.0.1', port });
  const types: number[] = [];
  const state = { closed: false, nonce: '' };
  const parser = new FrameParser((header, payload) => {
    types.push(header.type);
    if (header.type === LINK_FRAME.challenge) state.nonce = decodeChallenge(payload) ?? '';
  }, 4_096);
  socket.on('data', (chunk) => parser.push(chunk));
  socket.on('error', () => undefined);
  socket.on('close', () => (state.closed = true));
  closers.push(() => void socket.destroy());
  await until('the challenge', () => state.nonce !== '');
  return { socket, types, state };
}

function helloFrame(nonce: string, version = 1): Uint8Array {
  const hello = { version, gatewayId: 'by hand', workerId: 'worker_1', nonce: 'n', capabilities: [] };
  const token = helloToken('secret', nonce, hello);
  return linkFrame({ type: LINK_FRAME.hello }, encodeHello({ ...hello, token }));
}

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

  it('give up at the deadline, and the worker hears of it', async () => {
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
    expect([below.closes[0]?.outcome, client.counters.channels]).toEqual(['ended', 1]);
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
    closers.push(() => void mute.close());
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

  it("take any of the worker's secrets, so that one can be changed without a break", async () => {
    const { address } = await worker({ secrets: ['next', 'secret'] });
    for (const secret of ['next', 'secret']) {
      expect((await gateway({ secret }).open(at(address))).outcome).toBeUndefined();
    }
  });

  it('refuse everything while draining, and are drained when the last channel is gone', async () => {
    const { address, server } = await worker();
    const client = gateway();
    const channel = await client.open(at(address));
    let drained = false;
    const draining = server.drain().then(() => (drained = true));
    const error = await failureOf(client.open(at(address, { liveId: 'live_2' })));
    expect([error.failure, error.code, error.retryable]).toEqual(['refused', 'draining', true]);
    await turns(5);
    expect(drained).toBe(false);
    channel.close('ended');
    await draining;
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

describe('RelayServer against strangers', () => {
  it('rejects another version of the link by name, and hangs up', async () => {
    const { port } = await worker();
    const { socket, types, state } = await stranger(port);
    socket.write(helloFrame(state.nonce, 2));
    await until('the end', () => state.closed);
    expect(types).toEqual([LINK_FRAME.challenge, LINK_FRAME.reject]);
  });

  it.each<[string, (nonce: string) => Uint8Array]>([
    ['garbage', () => new Uint8Array(100).fill(0x47)],
    ['a frame before the token', () => linkFrame({ type: LINK_FRAME.open, chan: 1 })],
    ['a large frame before the token', () => linkFrame({ type: LINK_FRAME.hello }, new Uint8Array(5_000))],
    ["another nonce's token", (nonce) => helloFrame(`${nonce}0`)],
    [
      'garbage behind a good token',
      (nonce) => Buffer.concat([helloFrame(nonce), new Uint8Array(99).fill(9)]),
    ],
    [
      'an oversized frame behind a good token',
      (nonce) => {
        const lie = linkFrame({ type: LINK_FRAME.media, chan: 1 });
        lie.set([0x00, 0x10, 0x00, 0x00]);
        return Buffer.concat([helloFrame(nonce), lie]);
      },
    ],
  ])('hangs up at %s and serves the others', async (_, bytes) => {
    const { port, address, server } = await worker();
    const channel = await gateway().open(at(address));
    const { socket, state } = await stranger(port);
    socket.write(bytes(state.nonce));
    await until('the end', () => state.closed);
    expect([server.counters.links, channel.outcome]).toEqual([1, undefined]);
  });

  it('hangs up on who says nothing', async () => {
    const { port, server } = await worker({ limits: { handshakeMs: 30 } });
    const { state } = await stranger(port);
    await until('the end', () => state.closed);
    expect(server.counters.failedHandshakes).toBe(1);
  });

  it('lets only so many try at once', async () => {
    const { port, address, server } = await worker({ limits: { pendingHandshakes: 1, handshakeMs: 60_000 } });
    const { socket } = await stranger(port);
    const error = await failureOf(gateway().open(at(address)));
    expect(error.failure).toBe('unreachable');
    socket.destroy();
    await until('the place is free', () => server.counters.failedHandshakes === 1);
    expect((await gateway().open(at(address))).outcome).toBeUndefined();
  });
});
