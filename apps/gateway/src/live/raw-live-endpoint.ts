import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { LIVE_PATH, MAX_MESSAGE_BYTES, SUBPROTOCOL } from '@parley/wire';
import { WebSocketServer } from 'ws';
import type { LiveCalls } from './live-calls.js';
import { WebSocketTransport } from './web-socket-transport.js';

/** The server pings this often; a client that has not answered by the next ping is gone. */
const PING_INTERVAL_MS = 10_000;
/** Clients get this long to answer the goodbye of a gateway that drains. */
const GOODBYE_MS = 1_000;
const SOCKET_IO_PATH = '/socket.io/';

/** The raw WebSocket `/v1/live` beside Socket.IO on the same HTTP server, told apart by the upgrade's path. */
export class RawLiveEndpoint {
  readonly #calls: LiveCalls;
  readonly #server: WebSocketServer;
  readonly #answered = new WeakSet<object>();
  readonly #pings: NodeJS.Timeout;

  constructor(http: Server, calls: LiveCalls) {
    this.#calls = calls;
    this.#server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      // one byte over the limit still arrives, so that it is answered with an error and not with a closed socket
      maxPayload: MAX_MESSAGE_BYTES * 4,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      // Node has taken its own handlers off: an unheard error would end the process
      socket.on('error', () => undefined);
      const path = (request.url ?? '').split('?', 1)[0] ?? '';
      if (path === LIVE_PATH) this.#upgrade(request, socket, head);
      else if (!path.startsWith(SOCKET_IO_PATH))
        socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    });
    this.#pings = setInterval(() => this.#ping(), PING_INTERVAL_MS).unref();
  }

  /** Resolves when no socket is left: those that do not answer their goodbye are cut. Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#pings);
    this.#server.close();
    const cutAtMs = performance.now() + GOODBYE_MS;
    while (this.#server.clients.size > 0 && performance.now() < cutAtMs) await pause(20);
    for (const webSocket of this.#server.clients) webSocket.terminate();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!this.#calls.admit()) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#answered.add(webSocket);
      webSocket.on('pong', () => this.#answered.add(webSocket));
      this.#calls.accept(new WebSocketTransport(webSocket));
    });
  }

  #ping(): void {
    for (const webSocket of this.#server.clients) {
      if (this.#answered.delete(webSocket)) webSocket.ping();
      else webSocket.terminate();
    }
  }
}
