import type { ClientMessageInput } from '@parley/wire';
import { parseJson, type LiveTransport, type TransportListener } from './transport.js';

/** What the transport needs of a WebSocket; the browser's has it, and that of the package `ws`. */
export interface SocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(
    type: 'open' | 'message' | 'close' | 'error',
    listener: (event: SocketEventLike) => void,
  ): void;
}

export interface SocketEventLike {
  readonly type?: string;
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
  /** `ws` says here why a handshake was refused; browsers never tell. */
  readonly message?: string;
}

/** `live.v1` over a WebSocket: JSON in text frames, media in binary frames. */
export class WebSocketTransport implements LiveTransport {
  readonly #dial: () => SocketLike;
  #socket: SocketLike | undefined;
  #end: ((code: number, reason: string) => void) | undefined;

  /** `dial` makes the socket, with subprotocol `live.v1`; it is called by `open`. */
  constructor(dial: () => SocketLike) {
    this.#dial = dial;
  }

  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  open(listener: TransportListener): void {
    let trouble = '';
    this.#end = (code, reason) => {
      this.#end = undefined;
      listener.closed({ code, reason: reason || trouble });
    };
    let socket: SocketLike;
    try {
      socket = this.#dial();
    } catch (thrown) {
      this.#end(1006, thrown instanceof Error ? thrown.message : 'The address could not be dialled.');
      return;
    }
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => this.#end && listener.opened());
    socket.addEventListener('error', (event) => void (trouble = event.message ?? trouble));
    socket.addEventListener('close', (event) => this.#end?.(event.code ?? 1006, event.reason ?? ''));
    socket.addEventListener('message', (event) => {
      if (!this.#end) return;
      if (event.data instanceof ArrayBuffer) return listener.frame(new Uint8Array(event.data));
      if (typeof event.data !== 'string') return;
      const value = parseJson(event.data);
      if (value !== undefined) listener.message(value);
    });
  }

  sendMessage(message: ClientMessageInput): void {
    this.#socket?.send(JSON.stringify(message));
  }

  sendFrame(bytes: Uint8Array): void {
    // A frame is never in shared memory, which is all that the narrower type of `send` rules out.
    this.#socket?.send(bytes as Uint8Array<ArrayBuffer>);
  }

  close(code: number, reason: string): void {
    this.#socket?.close(code, reason);
    this.#end?.(code, reason);
  }
}
