import { Fifo } from './fifo.js';
import type { MediaDrop } from './frame-channel.js';

export interface MediaLimits {
  /** Bytes of whole media frames that may wait. The newest frame is kept even when it alone is larger. */
  readonly maxBytes: number;
  /** What has waited longer is not sent any more. */
  readonly maxAgeMs: number;
}

export interface QueuedMedia {
  readonly frame: Uint8Array;
  readonly turn: number;
  readonly queuedAtMs: number;
}

/**
 * The media that one channel has not written yet: bounded in bytes and in age. When it is full the oldest
 * frames make room; whatever is dropped is told to `dropped`, frames and bytes together. `nowMs` is monotonic time.
 *
 * 1. Frames leave in the order they came.
 * 2. `bytes` never exceeds `maxBytes`, except by a single frame that is larger itself.
 * 3. A frame older than `maxAgeMs` never leaves, and is gone after `expire`.
 */
export class OutgoingMedia {
  readonly #limits: MediaLimits;
  readonly #dropped: (why: MediaDrop, frames: number, bytes: number) => void;
  readonly #queue = new Fifo<QueuedMedia>();
  #bytes = 0;

  constructor(limits: MediaLimits, dropped: (why: MediaDrop, frames: number, bytes: number) => void) {
    this.#limits = limits;
    this.#dropped = dropped;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#queue.size;
  }

  /** Whether a frame of `bytes` would cost others their place. */
  overflowsWith(bytes: number): boolean {
    return this.#queue.size > 0 && this.#bytes + bytes > this.#limits.maxBytes;
  }

  push(frame: Uint8Array, turn: number, nowMs: number): void {
    if (this.overflowsWith(frame.byteLength)) {
      this.#dropWhile('budget', () => this.overflowsWith(frame.byteLength));
    }
    this.#queue.push({ frame, turn, queuedAtMs: nowMs });
    this.#bytes += frame.byteLength;
  }

  take(nowMs: number): QueuedMedia | undefined {
    this.expire(nowMs);
    const next = this.#queue.shift();
    if (next !== undefined) this.#bytes -= next.frame.byteLength;
    return next;
  }

  expire(nowMs: number): void {
    const head = this.#queue.peek();
    if (head === undefined) return;
    const oldestMs = nowMs - this.#limits.maxAgeMs;
    if (head.queuedAtMs < oldestMs) this.#dropWhile('age', (oldest) => oldest.queuedAtMs < oldestMs);
  }

  /** Drops the frames of turns up to and with `throughTurn`, wherever they stand; answers how many. */
  purge(throughTurn: number): number {
    const before = this.#queue.size;
    const bytesBefore = this.#bytes;
    for (let i = 0; i < before; i++) {
      const media = this.#queue.shift();
      if (media === undefined) break;
      if (media.turn > throughTurn) this.#queue.push(media);
      else this.#bytes -= media.frame.byteLength;
    }
    const frames = before - this.#queue.size;
    if (frames > 0) this.#dropped('purged', frames, bytesBefore - this.#bytes);
    return frames;
  }

  clear(): void {
    if (this.#queue.size > 0) this.#dropped('closed', this.#queue.size, this.#bytes);
    this.#queue.clear();
    this.#bytes = 0;
  }

  #dropWhile(why: MediaDrop, unwanted: (oldest: QueuedMedia) => boolean): void {
    let frames = 0;
    let bytes = 0;
    for (;;) {
      const oldest = this.#queue.peek();
      if (oldest === undefined || !unwanted(oldest)) break;
      this.#queue.shift();
      this.#bytes -= oldest.frame.byteLength;
      frames += 1;
      bytes += oldest.frame.byteLength;
    }
    this.#dropped(why, frames, bytes);
  }
}
