import type { Socket } from 'node:net';
import type { CancelTimer, Clock } from '@parley/kernel';
import type { LinkTransport, TransportHandlers } from './link-transport.js';

/** How long a peer may take to read what was written before `end`. */
const LINGER_MS = 1_000;

/**
 * A connected TCP socket as a link's transport. Owns the socket from construction on.
 *
 * 1. Nagle's algorithm is off: batches are formed here, so there is nothing to wait for.
 * 2. Writes of all channels are gathered until the poll phase of the event loop is over, so that what came from
 *    many clients in one turn leaves in one system call.
 * 3. "Has left" means the kernel took it: at most one batch waits in this process.
 */
export class TcpTransport implements LinkTransport {
  readonly #socket: Socket;
  readonly #clock: Clock;
  #handlers: TransportHandlers | undefined;
  #blocked = false;
  #cancelLinger: CancelTimer | undefined;

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.setNoDelay(true);
    // The close event follows every error and is what ends the link.
    socket.on('error', () => undefined);
  }

  start(handlers: TransportHandlers): void {
    this.#handlers = handlers;
    const socket = this.#socket;
    // A plain Uint8Array, because `slice` of a Buffer does not copy and readers must be able to.
    socket.on('data', (chunk: Uint8Array) => {
      handlers.onData(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    });
    socket.once('close', () => {
      this.#cancelLinger?.();
      handlers.onEnd();
    });
  }

  write(segments: readonly Uint8Array[]): boolean {
    const socket = this.#socket;
    const last = segments.length - 1;
    if (last > 0) socket.cork();
    for (let i = 0; i <= last; i++) {
      const segment = segments[i];
      if (segment !== undefined) socket.write(segment, i === last ? this.#onWritten : undefined);
    }
    if (last > 0) socket.uncork();
    // Node writes to the kernel within `write` when it can; what then remains waits for the peer.
    this.#blocked = socket.writableLength > 0;
    return !this.#blocked;
  }

  schedule(flush: () => void): void {
    setImmediate(flush);
  }

  end(): void {
    this.#cancelLinger ??= this.#clock.after(LINGER_MS, () => this.#socket.destroy());
    this.#socket.end();
  }

  destroy(): void {
    this.#cancelLinger?.();
    this.#socket.destroy();
  }

  readonly #onWritten = (): void => {
    // Node tells of a write that left at once only after the tick, when a later one may be the blocked one.
    if (!this.#blocked || this.#socket.writableLength > 0) return;
    this.#blocked = false;
    this.#handlers?.onWritable();
  };
}
