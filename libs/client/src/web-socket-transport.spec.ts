import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeFrame, FRAME_CODEC, FRAME_KIND, parseClientMessage, SUBPROTOCOL } from '@parley/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { connectLive } from './connect-live.js';
import { nodeTransport } from './node.js';
import { READY } from './testing/index.js';

const servers: Server[] = [];

/** A real socket server on loopback; `serve` plays the gateway. */
async function listen(serve: (socket: WebSocket) => void, refuseWith?: number): Promise<string> {
  const http = createServer();
  servers.push(http);
  const sockets = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, stream, head) => {
    if (refuseWith) return stream.end(`HTTP/1.1 ${refuseWith} Refused\r\nConnection: close\r\n\r\n`);
    sockets.handleUpgrade(request, stream, head, serve);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return `ws://127.0.0.1:${(http.address() as AddressInfo).port}/v1/live`;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

describe('a call over a real WebSocket', () => {
  it('speaks live.v1 both ways and closes with a code', async () => {
    const received: string[] = [];
    const url = await listen((socket) => {
      received.push(socket.protocol);
      socket.on('message', (data: Buffer, isBinary) => {
        if (isBinary) return received.push(`frame of ${data.byteLength}`);
        const message = parseClientMessage(data.toString());
        received.push(message.type);
        if (message.type === 'hello') socket.send(JSON.stringify(READY));
        if (message.type === 'end') socket.close(1000, 'ended');
        if (message.type !== 'text') return;
        const frame = { codec: FRAME_CODEC.pcm16at24k, flags: 1, turn: 1, seq: 0, tsMs: 0 } as const;
        socket.send(encodeFrame({ ...frame, kind: FRAME_KIND.model, payload: Uint8Array.of(1, 2, 3, 4) }));
      });
    });
    const heard: unknown[] = [];
    const { client, ready } = await connectLive({
      transport: nodeTransport(url),
      token: 't',
      on: {
        audio: ({ turn, pcm, last }) => {
          heard.push({ turn, pcm: [...pcm], last });
          client.end();
        },
      },
    });
    client.sendAudio(new Uint8Array(1_280));
    client.sendText('Hello');
    expect(await client.closed).toMatchObject({ code: 1000, reason: 'ended', canResume: true });
    expect(ready.agent).toBe('concierge');
    expect(heard).toEqual([{ turn: 1, pcm: [1, 2, 3, 4], last: true }]);
    expect(received).toEqual([SUBPROTOCOL, 'hello', 'frame of 1296', 'text', 'end']);
  });

  it('says why the server refused the handshake', async () => {
    const url = await listen(() => undefined, 401);
    await expect(connectLive({ transport: nodeTransport(url), token: 't' })).rejects.toThrow('401');
  });

  it('fails at once at an address that is none', async () => {
    const call = connectLive({ transport: nodeTransport('nonsense'), token: 't' });
    await expect(call).rejects.toMatchObject({ code: 'control_plane_unavailable' });
  });
});
