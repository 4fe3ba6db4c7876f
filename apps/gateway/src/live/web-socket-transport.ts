import type { WebSocket } from 'ws';
import type { ClientTransport, ClientTransportListener } from './client-transport.js';

const BINARY = { binary: true } as const;

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

  /** Passes what comes on; a socket error needs no more than its close. */
  listen(listener: ClientTransportListener): void {
    this.#socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) listener.onBinary(data);
      else listener.onText(data.toString('utf8'));
    });
    this.#socket.on('close', () => listener.onClosed());
    this.#socket.on('error', () => undefined);
  }
}
