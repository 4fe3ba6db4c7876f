import { CLOSE_NORMAL } from '@parley/wire';
import type { WebSocket } from 'ws';
import type { ClientTransport, ClientTransportListener } from './client-transport.js';

const BINARY = { binary: true } as const;
/** What a WebSocket reports of a close frame without a code: `close()` as an application writes it. [src: RFC 6455 §7.4.1] */
const CLOSE_WITHOUT_CODE = 1005;
const GOODBYES: readonly number[] = [CLOSE_NORMAL, CLOSE_WITHOUT_CODE];

/** What a ping has as its payload that asks for a confirmation; the number follows. */
const MARKER = 'taken ';

interface Asked {
  readonly payload: string;
  readonly onConfirmed: () => void;
}

/**
 * A raw WebSocket as a client transport.
 *
 * What a client has taken it says with the pongs to pings that go down among the messages. A pong has its ping's
 * payload, and comes after those of pings before, which may be left out; one that nobody asked for confirms nothing.
 * [src: RFC 6455 §5.5.2, §5.5.3]
 */
export class WebSocketTransport implements ClientTransport {
  readonly kind = 'websocket';
  readonly #socket: WebSocket;
  #asked: Asked[] = [];
  #pings = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('pong', (data) => this.#answered(data.toString('latin1')));
    socket.once('close', () => (this.#asked = []));
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

  confirm(onConfirmed: () => void): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const payload = `${MARKER}${(this.#pings += 1)}`;
    this.#asked.push({ payload, onConfirmed });
    this.#socket.ping(payload);
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
  #answered(payload: string): void {
    const at = this.#asked.findIndex((asked) => asked.payload === payload);
    for (const { onConfirmed } of this.#asked.splice(0, at + 1)) onConfirmed();
  }
}
