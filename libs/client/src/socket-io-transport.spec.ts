import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '@parley-testing/kernel';
import { SOCKET_IO_BINARY, SOCKET_IO_JSON, SOCKET_IO_NAMESPACE } from '@parley/wire';
import { Server, type Socket } from 'socket.io';
import { io } from 'socket.io-client';
import { afterEach, describe, expect, it } from 'vitest';
import { connectLive } from './connect-live.js';
import { SocketIoTransport } from './socket-io-transport.js';
import { READY } from './testing/index.js';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function listen(serve: (socket: Socket) => void): Promise<string> {
  const http = createServer();
  const server = new Server(http, { transports: ['websocket'] });
  servers.push(server);
  server.of(SOCKET_IO_NAMESPACE).on('connection', serve);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}${SOCKET_IO_NAMESPACE}`;
}

const dial = (url: string): SocketIoTransport =>
  new SocketIoTransport(
    io(url, { transports: ['websocket'], reconnection: false, autoConnect: false, forceNew: true }),
  );

describe('a call over Socket.IO', () => {
  it('carries messages as "m" and frames as "a", both ways', async () => {
    const received: unknown[] = [];
    const url = await listen((socket) => {
      socket.on(SOCKET_IO_JSON, (message: { type: string }) => {
        received.push(message);
        if (message.type === 'hello') socket.emit(SOCKET_IO_JSON, JSON.stringify(READY));
        if (message.type !== 'end') return;
        socket.emit('closed', { code: 4440, reason: 'max' });
        socket.disconnect(true);
      });
      socket.on(SOCKET_IO_BINARY, (frame: Uint8Array) => {
        received.push(frame.byteLength);
        const reply = new Uint8Array(20);
        reply.set([1, 2, 2, 0, 0, 0, 0, 7]);
        socket.emit(SOCKET_IO_BINARY, reply);
      });
    });
    const turns: number[] = [];
    const { client } = await connectLive({
      transport: dial(url),
      token: 't',
      on: {
        audio: ({ turn }) => {
          turns.push(turn);
          client.end();
        },
      },
    });
    client.sendAudio(new Uint8Array(1_280));
    expect(await client.closed).toMatchObject({ code: 4440, reason: 'max', canResume: false });
    expect(turns).toEqual([7]);
    expect(received).toEqual([{ type: 'hello', v: 1, token: 't' }, 1_296, { type: 'end' }]);
  });

  it('tells the server that the call is over only by a close with 1000', async () => {
    const reasons: string[] = [];
    const url = await listen((socket) => {
      socket.on('disconnect', (reason) => reasons.push(reason));
      socket.on(SOCKET_IO_JSON, () => socket.emit(SOCKET_IO_JSON, READY));
    });
    for (const code of [1000, 4408]) {
      const transport = dial(url);
      await connectLive({ transport, token: 't' });
      transport.close(code, 'over');
      await until('the server has noticed', () => reasons.length === (code === 1000 ? 1 : 2));
    }
    expect(reasons).toEqual(['client namespace disconnect', 'transport close']);
  });

  it('fails when the namespace is not there', async () => {
    const url = await listen(() => undefined);
    const call = connectLive({ transport: dial(`${url}-elsewhere`), token: 't' });
    await expect(call).rejects.toThrow('Invalid namespace');
  });
});
