import type { CancelTimer, Clock } from '@parley/kernel';
import type { SentStamp } from './model-input.js';

/** What is lost when a frame of media is dropped. */
export type MediaLoss = { readonly audioMs: number } | { readonly images: number };

export interface OutboundGateOptions {
  readonly clock: Clock;
  readonly socket: { readonly bufferedBytes: number; send(text: string): void };
  readonly onDropped: (loss: MediaLoss) => void;
  /** The peer reads too slowly for what may not be dropped, or not at all; the gate is closed by then. */
  readonly onStuck: (why: string) => void;
}

/** Above this the socket takes no more; some eight seconds of audio. */
const MAX_SOCKET_BYTES = 256 * 1024;
const MAX_HELD_MEDIA_BYTES = 256 * 1024;
const MAX_HELD_CONTROL_BYTES = 2 * 1024 * 1024;
const LOOK_EVERY_MS = 20;
const STUCK_AFTER_MS = 5_000;

interface Held {
  readonly text: string;
  /** Undefined: a control frame, never dropped. */
  readonly loss: MediaLoss | undefined;
  readonly stamp: SentStamp | undefined;
}

/**
 * What goes up passes here, so that a provider that does not read costs audio and not memory.
 *
 * 1. Frames leave in the order they came.
 * 2. With more than 256 KiB unsent in the socket they are held: media up to 256 KiB, of which the oldest is dropped
 *    (and told) to make room; control frames up to 2 MiB, none of which is ever dropped.
 * 3. Too much control, or five seconds without the socket sending anything, is `onStuck`.
 * 4. After `close`, idempotent, nothing is sent any more.
 * 5. Messages are numbered from 1 as they leave (the set-up, which does not pass here, is 0): the numbers by which
 *    Vertex acknowledges them.
 */
export class OutboundGate {
  readonly #options: OutboundGateOptions;
  #held: Held[] = [];
  #heldMediaBytes = 0;
  #heldControlBytes = 0;
  #cancelLook: CancelTimer | undefined;
  #lastBufferedBytes = 0;
  #movedAtMs = 0;
  #closed = false;
  #sentCount = 0;
  #stamp: SentStamp | undefined;

  constructor(options: OutboundGateOptions) {
    this.#options = options;
  }

  /** Bytes accepted and not on the wire yet. */
  get bufferedBytes(): number {
    return this.#options.socket.bufferedBytes + this.#heldMediaBytes + this.#heldControlBytes;
  }

  control(text: string): void {
    this.#pass({ text, loss: undefined, stamp: this.#stamp });
  }

  media(text: string, loss: MediaLoss): void {
    this.#pass({ text, loss, stamp: this.#stamp });
  }

  /** What `write` hands over is noted in `stamp` when it leaves. */
  stamped(stamp: SentStamp, write: () => void): void {
    this.#stamp = stamp;
    write();
    this.#stamp = undefined;
  }

  close(): void {
    this.#closed = true;
    this.#cancelLook?.();
    this.#held = [];
    this.#heldMediaBytes = 0;
    this.#heldControlBytes = 0;
  }

  #pass(frame: Held): void {
    if (this.#closed) return;
    const { socket } = this.#options;
    if (this.#held.length === 0 && socket.bufferedBytes <= MAX_SOCKET_BYTES) return this.#send(frame);
    this.#hold(frame);
  }

  #send({ stamp, text }: Held): void {
    this.#sentCount += 1;
    if (stamp) stamp.index = this.#sentCount;
    this.#options.socket.send(text);
  }

  #hold(frame: Held): void {
    if (this.#held.length === 0) this.#startLooking();
    this.#held.push(frame);
    this.#account(frame, 1);
    while (this.#heldMediaBytes > MAX_HELD_MEDIA_BYTES) this.#dropOldestMedia();
    if (this.#heldControlBytes > MAX_HELD_CONTROL_BYTES) this.#stuck('too much waits for the provider');
  }

  #dropOldestMedia(): void {
    const index = this.#held.findIndex((frame) => frame.loss !== undefined);
    const [dropped] = this.#held.splice(index, 1);
    if (!dropped?.loss) return;
    this.#account(dropped, -1);
    this.#options.onDropped(dropped.loss);
  }

  #account(frame: Held, sign: 1 | -1): void {
    if (frame.loss) this.#heldMediaBytes += sign * frame.text.length;
    else this.#heldControlBytes += sign * frame.text.length;
  }

  #startLooking(): void {
    const { clock, socket } = this.#options;
    this.#lastBufferedBytes = socket.bufferedBytes;
    this.#movedAtMs = clock.monotonicMs();
    this.#cancelLook?.();
    this.#cancelLook = clock.every(LOOK_EVERY_MS, () => this.#look());
  }

  #look(): void {
    const { clock, socket } = this.#options;
    const now = clock.monotonicMs();
    if (socket.bufferedBytes < this.#lastBufferedBytes) this.#movedAtMs = now;
    while (socket.bufferedBytes <= MAX_SOCKET_BYTES) {
      const frame = this.#held.shift();
      if (!frame) break;
      this.#account(frame, -1);
      this.#send(frame);
    }
    this.#lastBufferedBytes = socket.bufferedBytes;
    if (this.#held.length === 0) this.#cancelLook?.();
    else if (now - this.#movedAtMs >= STUCK_AFTER_MS) this.#stuck('the provider does not read');
  }

  #stuck(why: string): void {
    this.close();
    this.#options.onStuck(why);
  }
}
