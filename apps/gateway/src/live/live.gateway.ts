import { Inject } from '@nestjs/common';
import { WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets';
import { MAX_MESSAGE_BYTES, PROTOCOL_VERSION, SOCKET_IO_NAMESPACE } from '@parley/wire';
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
      socket.disconnect(true);
      return;
    }
    const connection = this.#calls.accept(new SocketIoTransport(socket));
    const token: unknown = socket.handshake.auth['token'];
    if (typeof token === 'string' && token !== '')
      connection.hello({ type: 'hello', v: PROTOCOL_VERSION, token });
  }
}
