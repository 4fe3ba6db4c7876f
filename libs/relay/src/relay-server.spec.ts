import { until } from '@parley-testing/kernel';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { FrameParser } from './frame-parser.js';
import { LINK_FRAME } from './link-frame.js';
import { decodeChallenge, encodeHello } from './link-message.js';
import { helloToken } from './link-token.js';
import { linkFrame } from './testing/link-bytes.js';
import { afterTest, at, failureOf, gateway, worker } from './testing/relay-parts.js';

/** A connection that speaks the link by hand; `types` are those of the frames that came. */
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
  afterTest(() => void socket.destroy());
  await until('the challenge', () => state.nonce !== '');
  return { socket, types, state };
}

function helloFrame(nonce: string, version = 1): Uint8Array {
  const hello = { version, gatewayId: 'by hand', workerId: 'worker_1', nonce: 'n', capabilities: [] };
  const token = helloToken('secret', nonce, hello);
  return linkFrame({ type: LINK_FRAME.hello }, encodeHello({ ...hello, token }));
}

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
