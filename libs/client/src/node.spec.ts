import type { AddressInfo } from 'node:net';
import { until } from '@parley-testing/kernel';
import { parseClientMessage, type ClientMessage, type ServerMessage } from '@parley/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { nodeDial } from './node.js';
import { ParleyClient } from './parley-client.js';
import { READY } from './testing/index.js';

const servers: WebSocketServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  }
});

interface Gateway {
  readonly url: string;
  readonly heard: ClientMessage[];
  readonly sockets: WebSocket[];
}

/** Answers as `answer` says, on a real socket. */
async function listen(answer: (message: ClientMessage) => readonly ServerMessage[]): Promise<Gateway> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  const gateway: Gateway = {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1/live`,
    heard: [],
    sockets: [],
  };
  server.on('connection', (socket) => {
    gateway.sockets.push(socket);
    socket.on('message', (data, isBinary) => {
      if (isBinary || !Buffer.isBuffer(data)) return;
      const message = parseClientMessage(data.toString('utf8'));
      gateway.heard.push(message);
      for (const reply of answer(message)) socket.send(JSON.stringify(reply));
    });
  });
  return gateway;
}

const wayBack: ServerMessage = { type: 'resume', token: 'way-back', windowMs: 120_000 };

describe('a call from Node', () => {
  it('goes on at another gateway when its own dies, with what was not acknowledged', async () => {
    const first = await listen((message) => (message.type === 'hello' ? [READY, wayBack] : []));
    const second = await listen((message) => {
      if (message.type === 'text') return [{ type: 'ack', id: message.id ?? '' }];
      if (message.type !== 'hello') return [];
      return [{ type: 'resumed', cause: 'client', recovered: true, mode: 'live', gapMs: 0 }, wayBack];
    });
    const client = new ParleyClient({ dial: nodeDial(first.url, second.url), token: 't' });
    const delivered: string[] = [];
    client.on('delivered', ({ id }) => delivered.push(id));
    await client.connect();
    client.sendText('Remember the blue door.', 'a');
    await until('the first gateway has the text', () => first.heard.length === 2);
    first.sockets[0]?.terminate();
    await until('the line is lost', () => client.phase === 'reconnecting');
    expect(client.sendText('And the key.', 'b')).toBe(true);
    await until('both are delivered', () => delivered.length === 2);
    expect(second.heard).toMatchObject([
      { type: 'hello', resume: { token: 'way-back', seq: 0 } },
      { type: 'text', id: 'a' },
      { type: 'text', id: 'b' },
    ]);
    client.close();
    expect((await client.closed).code).toBe(1000);
  });

  it('begins at the gateway that can be reached', async () => {
    const gateway = await listen((message) => (message.type === 'hello' ? [READY] : []));
    const client = new ParleyClient({ dial: nodeDial('ws://127.0.0.1:1/v1/live', gateway.url), token: 't' });
    expect(await client.connect()).toEqual(READY);
    client.close();
  });
});
