import { Inject } from '@nestjs/common';
import { WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets';
import {
  ERROR_TABLE,
  MAX_MESSAGE_BYTES,
  PROTOCOL_VERSION,
  SOCKET_IO_CLOSED,
  SOCKET_IO_NAMESPACE,
} from '@parley/wire';
import type { Socket } from 'socket.io';
import { CALLS } from '../tokens.js';
import type { LiveCalls } from './live-calls.js';
import { SocketIoTransport } from './socket-io-transport.js';

/**
 * Socket.IO namespace `/live`. The handlers are attached to the socket itself, so that audio does not pass Nest's
 * pipeline for each message. Options: production.md Appendix B.
 */
@WebSocketGateway({
  namespace: SOCKET_IO_NAMESPACE,
  transports: ['websocket'],
  allowUpgrades: false,
  serveClient: false,
  perMessageDeflate: false,
  httpCompression: false,
  maxHttpBufferSize: MAX_MESSAGE_BYTES * 4,
  pingInterval: 10_000,
  pingTimeout: 8_000,
  connectTimeout: 10_000,
  cookie: false,
  destroyUpgrade: false,
  cors: { origin: true },
})
export class LiveGateway implements OnGatewayConnection<Socket> {
  readonly #calls: LiveCalls;

  constructor(@Inject(CALLS) calls: LiveCalls) {
    this.#calls = calls;
  }

  handleConnection(socket: Socket): void {
    if (!this.#calls.admit()) {
      socket.emit(SOCKET_IO_CLOSED, { code: ERROR_TABLE.draining.close, reason: 'try_again' });
      socket.disconnect(true);
      return;
    }
    const connection = this.#calls.accept(new SocketIoTransport(socket));
    // as if it had been the first message: without either one `hello` comes later
    const { token, resume } = socket.handshake.auth as Readonly<Record<string, unknown>>;
    if (token !== undefined || resume !== undefined)
      connection.onText(JSON.stringify({ type: 'hello', v: PROTOCOL_VERSION, token, resume }));
  }
}
