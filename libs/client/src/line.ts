import type { Clock } from '@parley/kernel';
import type { ClientMessageInput, EndReason, ServerMessage, WireError } from '@parley/wire';
import { callEnd, type CallEnd } from './call-end.js';
import { Heartbeat } from './heartbeat.js';
import { readServerMessage } from './server-message-reader.js';
import type { LiveTransport } from './transport.js';

/** What a line does not deal with itself. */
export type LineMessage = Exclude<ServerMessage, { readonly type: 'pong' | 'ended' }>;

export interface LineListener {
  /** The line has opened: the first message to send. */
  hello(): ClientMessageInput;
  message(message: LineMessage, line: Line): void;
  unreadable(): void;
  roundTrip(ms: number): void;
  frame(bytes: Uint8Array, line: Line): void;
  ended(end: CallEnd, line: Line): void;
}

/** A line that is given up; not 1000, which would end the call. Browsers allow no code below 3000 but that one. */
export const CLOSE_ABANDONED = 4408;

/**
 * One connection of a call: says hello, keeps itself alive, and remembers what the server said of the end.
 *
 * 1. `ended` is told exactly once and last; after it no timer runs.
 * 2. What the server says on this line never counts for another one.
 */
export class Line {
  readonly transport: LiveTransport;
  readonly #clock: Clock;
  readonly #listener: LineListener;
  #heartbeat: Heartbeat | undefined;
  #error: WireError | undefined;
  #endReason: EndReason | undefined;
  #helloSaid = false;
  #over = false;

  constructor(transport: LiveTransport, clock: Clock, listener: LineListener) {
    this.transport = transport;
    this.#clock = clock;
    this.#listener = listener;
  }

  get helloSaid(): boolean {
    return this.#helloSaid;
  }

  open(): void {
    this.transport.open({
      opened: () => {
        if (this.#over) return;
        this.#helloSaid = true;
        this.transport.sendMessage(this.#listener.hello());
      },
      message: (value) => this.#receive(value),
      frame: (bytes) => {
        if (this.#over) return;
        this.#heartbeat?.sign();
        this.#listener.frame(bytes, this);
      },
      closed: (end) => {
        if (this.#over) return;
        this.#over = true;
        this.#heartbeat?.close();
        this.#listener.ended(callEnd(end, { error: this.#error, ended: this.#endReason }), this);
      },
    });
  }

  /** From now on silence means that the line is dead. */
  keepAlive(): void {
    this.#heartbeat ??= new Heartbeat(this.#clock, {
      ping: (t) => this.transport.sendMessage({ type: 'ping', t }),
      lost: () => this.close(CLOSE_ABANDONED, 'The server does not answer any more.'),
    });
  }

  close(code: number, reason: string): void {
    this.transport.close(code, reason);
  }

  #receive(value: unknown): void {
    if (this.#over) return;
    this.#heartbeat?.sign();
    const message = readServerMessage(value);
    if (!message) return this.#listener.unreadable();
    if (message.type === 'pong') return this.#pong(message.t);
    if (message.type === 'ended') {
      this.#endReason = message.reason;
      return;
    }
    if (message.type === 'error' && message.error.fatal) this.#error = message.error;
    this.#listener.message(message, this);
  }

  #pong(t: number | undefined): void {
    this.#heartbeat?.pong();
    if (t !== undefined) this.#listener.roundTrip(this.#clock.monotonicMs() - t);
  }
}
