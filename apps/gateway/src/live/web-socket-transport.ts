import { CLOSE_NORMAL } from '@parley/wire';
import type { WebSocket } from 'ws';
import type { ClientTransport, ClientTransportListener } from './client-transport.js';

const BINARY = { binary: true } as const;
/** What a WebSocket reports of a close frame without a code: `close()` as an application writes it. [src: RFC 6455 §7.4.1] */
const CLOSE_WITHOUT_CODE = 1005;
const GOODBYES: readonly number[] = [CLOSE_NORMAL, CLOSE_WITHOUT_CODE];

/** A raw WebSocket as a client transport. */
export class WebSocketTransport implements ClientTransport {
  readonly kind = 'websocket';
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  sendText(json: string): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(json);
  }

  sendBinary(bytes: Uint8Array, onLeft: () => void): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(bytes, BINARY, onLeft);
  }

  bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /**
   * Passes what comes on; a socket error needs no more than its close. A close frame
   * with code 1000 or none is a goodbye; with 1001, as from a page that is left, it is not.
   */
  listen(listener: ClientTransportListener): void {
    this.#socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) listener.onBinary(data);
      else listener.onText(data.toString('utf8'));
    });
    this.#socket.on('close', (code: number) => listener.onClosed(GOODBYES.includes(code) ? 'done' : 'lost'));
    this.#socket.on('error', () => undefined);
  }
}
