import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SOCKET_IO_JSON } from '@parley/wire';
import { Server, type Socket } from 'socket.io';
import { io, type Socket as ClientSocket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SocketIoTransport } from './socket-io-transport.js';

let http: HttpServer;
let server: Server;
let client: ClientSocket;
let transport: SocketIoTransport;

beforeEach(async () => {
  http = createServer();
  // engine.io pings by itself all the time, too
  server = new Server(http, { transports: ['websocket'], pingInterval: 5 });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  client = io(url, { transports: ['websocket'], reconnection: false, forceNew: true });
  transport = new SocketIoTransport(await accepted);
});

afterEach(async () => {
  client.disconnect();
  await server.close();
});

describe('a Socket.IO socket as a transport', () => {
  it('says what the client has taken, in order, while engine.io asks on its own', async () => {
    const seen: string[] = [];
    client.on(SOCKET_IO_JSON, (json: string) => seen.push(json));
    for (let n = 0; n < 50; n++) {
      transport.sendText(`${n}`);
      await new Promise<void>((resolve) => transport.confirm(resolve));
      expect(seen).toHaveLength(n + 1);
    }
  });

  it('confirms nothing for a client that has gone', async () => {
    let confirmed = false;
    const gone = new Promise<void>((resolve) =>
      transport.listen({ onText: () => undefined, onBinary: () => undefined, onClosed: () => resolve() }),
    );
    client.disconnect();
    await gone;
    transport.confirm(() => (confirmed = true));
    expect([confirmed, transport.bufferedBytes()]).toEqual([false, 0]);
  });
});
