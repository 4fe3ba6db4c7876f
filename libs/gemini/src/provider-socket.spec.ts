import { createServer, type Server, type Socket } from 'node:net';
import { createHash } from 'node:crypto';
import { systemClock } from '@parley/kernel';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ProviderSocket, type SocketEnd } from './provider-socket.js';

const TEXT = '{"realtimeInput":{"text":"hello"}}';
const UPGRADE_ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Accepts any upgrade and keeps the bytes as they come over the wire. */
class WireTap {
  request = '';
  bytes = Buffer.alloc(0);
  readonly #server: Server = createServer((socket) => this.#serve(socket));

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  close(): Promise<unknown> {
    return new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      if (this.request) {
        this.bytes = Buffer.concat([this.bytes, chunk]);
        return;
      }
      this.request = chunk.toString('latin1');
      const key = /sec-websocket-key: (\S+)/i.exec(this.request)?.[1] ?? '';
      const accept = createHash('sha1').update(`${key}${UPGRADE_ACCEPT_GUID}`).digest('base64');
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n' +
          `sec-websocket-accept: ${accept}\r\n\r\n`,
      );
    });
  }
}

describe('ProviderSocket', () => {
  const cleanUps: (() => unknown)[] = [];

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  async function dial(path: string, masking: 'random' | 'cheap'): Promise<{ tap: WireTap; host: string }> {
    const tap = new WireTap();
    const host = await tap.listen();
    cleanUps.push(() => tap.close());
    const socket = new ProviderSocket({
      url: `ws://${host}${path}`,
      headers: { 'x-goog-api-key': 'k' },
      clock: systemClock,
      handshakeTimeoutMs: 5_000,
      masking,
      onSinkError: () => undefined,
    });
    cleanUps.push(() => socket.terminate());
    await new Promise<void>((resolve) => socket.dial(resolve));
    socket.send(TEXT);
    await vi.waitFor(() => expect(tap.bytes).toHaveLength(TEXT.length + 6));
    return { tap, host };
  }

  it('asks for the path with a single slash, offers no compression and passes the headers', async () => {
    const { tap } = await dial('//ws/Service?key=k//x', 'cheap');
    expect(tap.request).toMatch(/^GET \/ws\/Service\?key=k\/\/x HTTP/);
    expect(tap.request).toMatch(/x-goog-api-key: k/);
    expect(tap.request).not.toMatch(/permessage-deflate/);
  });

  it('sends unchanged bytes, in a masked frame, where nobody between could read them', async () => {
    const { tap } = await dial('/', 'cheap');
    expect(tap.bytes[1]).toBe(0x80 | TEXT.length);
    expect(tap.bytes.subarray(2, 6)).toEqual(Buffer.alloc(4));
    expect(tap.bytes.subarray(6).toString()).toBe(TEXT);
  });

  it('masks with random keys when told to', async () => {
    const { tap } = await dial('/', 'random');
    expect(tap.bytes.subarray(2, 6)).not.toEqual(Buffer.alloc(4));
    const key = tap.bytes.subarray(2, 6);
    const unmasked = tap.bytes.subarray(6).map((byte, i) => byte ^ (key[i % 4] ?? 0));
    expect(Buffer.from(unmasked).toString()).toBe(TEXT);
  });

  it('ends, and does not throw, when the address or a header can not be used', () => {
    for (const [url, headers] of [
      ['nonsense', {}],
      ['ws://127.0.0.1:9/', { bad: 'line\nbreak' }],
    ] as const) {
      const ends: SocketEnd[] = [];
      const socket = new ProviderSocket({
        url,
        headers,
        clock: systemClock,
        handshakeTimeoutMs: 5_000,
        masking: 'cheap',
        onSinkError: () => undefined,
      });
      socket.attach({ onFrame: () => undefined, onEnd: (end) => ends.push(end) });
      socket.dial(() => undefined);
      expect(ends).toMatchObject([{ closeCode: 1006 }]);
      socket.send(TEXT);
      socket.close(1);
      socket.terminate();
      expect(ends).toHaveLength(1);
    }
  });
});
