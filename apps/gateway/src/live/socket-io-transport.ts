import { SOCKET_IO_BINARY, SOCKET_IO_CLOSED, SOCKET_IO_JSON } from '@parley/wire';
import type { Socket } from 'socket.io';
import type { ClientTransport, ClientTransportListener } from './client-transport.js';

/** A Socket.IO socket as a client transport: JSON texts as event `m`, frames as event `a`. */
export class SocketIoTransport implements ClientTransport {
  readonly kind = 'socketio';
  readonly #socket: Socket;
  /** Frames that engine.io holds; it tells when all of them have left. */
  #waiting: (() => void)[] = [];
  #waitingBytes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    const { conn } = socket;
    const onDrain = (): void => {
      const left = this.#waiting;
      this.#waiting = [];
      this.#waitingBytes = 0;
      for (const onLeft of left) onLeft();
    };
    conn.on('drain', onDrain);
    socket.once('disconnect', () => conn.off('drain', onDrain));
  }

  sendText(json: string): void {
    this.#waitingBytes += json.length;
    this.#socket.emit(SOCKET_IO_JSON, json);
  }

  sendBinary(bytes: Uint8Array, onLeft: () => void): void {
    this.#waiting.push(onLeft);
    this.#waitingBytes += bytes.byteLength;
    this.#socket.emit(SOCKET_IO_BINARY, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  bufferedBytes(): number {
    return this.#waitingBytes;
  }

  /** Socket.IO has no close codes: the error message before says why, and `closed` repeats the code. */
  close(code: number, reason: string): void {
    this.#socket.emit(SOCKET_IO_CLOSED, { code, reason });
    this.#socket.disconnect(true);
  }

  listen(listener: ClientTransportListener): void {
    this.#socket.on(SOCKET_IO_JSON, (message: unknown) => {
      listener.onText(textOf(message));
    });
    this.#socket.on(SOCKET_IO_BINARY, (frame: unknown) => {
      listener.onBinary(frame instanceof Uint8Array ? frame : new Uint8Array());
    });
    this.#socket.on('disconnect', () => listener.onClosed());
  }
}

/** Texts are taken as they are; objects are written out again, unless they are nested beyond writing. */
function textOf(message: unknown): string {
  if (typeof message === 'string') return message;
  try {
    return JSON.stringify(message ?? null);
  } catch {
    return '';
  }
}
