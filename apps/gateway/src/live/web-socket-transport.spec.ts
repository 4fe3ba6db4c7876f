import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { WebSocketTransport } from './web-socket-transport.js';

let server: WebSocketServer;
let client: WebSocket;
let transport: WebSocketTransport;
const confirmed: number[] = [];

beforeEach(async () => {
  confirmed.length = 0;
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[WebSocket]>;
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, { autoPong: false });
  await once(client, 'open');
  const [socket] = await accepted;
  transport = new WebSocketTransport(socket);
});

afterEach(async () => {
  client.terminate();
  server.close();
  await once(server, 'close');
});

/** Asks `count` times; resolves with what the client was asked with. */
async function ask(count: number): Promise<Buffer[]> {
  const payloads: Buffer[] = [];
  const asked = new Promise<void>((resolve) => {
    client.on('ping', (payload) => {
      if (payloads.push(payload) === count) resolve();
    });
  });
  for (let n = 0; n < count; n++) transport.confirm(() => confirmed.push(n));
  await asked;
  return payloads;
}

/** Everything that the client has sent has come. */
async function arrived(): Promise<void> {
  const heard = new Promise<void>((resolve) => {
    transport.listen({ onText: () => resolve(), onBinary: () => undefined, onClosed: () => undefined });
  });
  client.send('that was all');
  await heard;
}

describe('a raw WebSocket as a transport', () => {
  it('asks the client behind what was sent before', async () => {
    const seen: string[] = [];
    client.on('message', () => seen.push('message'));
    client.on('ping', () => seen.push('asked'));
    transport.sendText('{}');
    transport.sendBinary(new Uint8Array(100_000), () => undefined);
    await ask(1);
    expect(seen).toEqual(['message', 'message', 'asked']);
  });

  it('takes an answer for all that was asked before, in order', async () => {
    const [, second] = await ask(3);
    client.pong(second);
    await arrived();
    expect(confirmed).toEqual([0, 1]);
  });

  it('takes nothing for an answer that it did not ask for, or that was given already', async () => {
    const [first] = await ask(2);
    client.pong();
    client.pong('taken 99');
    client.pong(first);
    client.pong(first);
    await arrived();
    expect(confirmed).toEqual([0]);
  });

  it('asks nobody who has gone', async () => {
    client.terminate();
    const [socket] = [...server.clients];
    if (socket) await once(socket, 'close');
    transport.confirm(() => confirmed.push(0));
    expect(confirmed).toEqual([]);
  });
});
