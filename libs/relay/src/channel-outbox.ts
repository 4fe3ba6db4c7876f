import { Fifo } from './fifo.js';
import { epochLow, LINK_FRAME, type LinkFrameType } from './link-frame.js';
import { OutgoingMedia, type MediaLimits, type QueuedMedia } from './outgoing-media.js';
import type { MediaDrop } from './frame-channel.js';

export interface OutboxLimits {
  readonly media: MediaLimits;
  readonly controlMaxBytes: number;
  readonly controlMaxEvents: number;
}

export interface OutboxOptions {
  readonly chan: number;
  readonly epoch: number;
  /** Media bytes that may leave before more credit comes; Infinity where media needs none. */
  readonly sendWindowBytes: number;
  /** Media bytes that may come before credit is given; Infinity where none is given. */
  readonly receiveWindowBytes: number;
  readonly limits: OutboxLimits;
  readonly dropped: (why: MediaDrop, frames: number, bytes: number) => void;
}

export interface QueuedControl {
  readonly type: LinkFrameType;
  /** The header's `turn`: bytes of a credit, number of a ping; else 0. */
  readonly value: number;
  readonly payload: Uint8Array;
}

const NO_PAYLOAD = new Uint8Array(0);

/**
 * What one channel has to write, and what it may. Channel 0 is the link itself. Which channel writes next is the
 * LinkWriter's business.
 *
 * 1. All but media is ordered among itself and never dropped while the channel lives; events that a caller sends
 *    are bounded in number and bytes.
 * 2. Credit may be overdrawn by the one frame that it did not quite suffice for, so a frame larger than the
 *    window still passes; it never rises above the window.
 * 3. Media of a purged turn does not leave; turn 0 is no turn.
 * 4. Credit to give is summed up and goes along with the next write once it is a quarter of the window; it is
 *    worth a write of its own when it is half of it.
 */
export class ChannelOutbox {
  readonly chan: number;
  readonly epochLo: number;
  /** Whether the channel stands in the writer's line; the writer's own. */
  inControlLine = false;
  inMediaLine = false;
  readonly #sendWindowBytes: number;
  readonly #receiveWindowBytes: number;
  readonly #limits: OutboxLimits;
  readonly #dropped: OutboxOptions['dropped'];
  readonly #control = new Fifo<QueuedControl>();
  readonly #media: OutgoingMedia;
  #events = 0;
  #eventBytes = 0;
  #creditBytes: number;
  #mediaLeft = 0;
  #toGrantBytes = 0;
  #purgedThrough = 0;
  #seq = 0;

  constructor(options: OutboxOptions) {
    this.chan = options.chan;
    this.epochLo = epochLow(options.epoch);
    this.#sendWindowBytes = options.sendWindowBytes;
    this.#receiveWindowBytes = options.receiveWindowBytes;
    this.#creditBytes = options.sendWindowBytes;
    this.#limits = options.limits;
    this.#dropped = options.dropped;
    this.#media = new OutgoingMedia(options.limits.media, options.dropped);
  }

  get hasControl(): boolean {
    return this.#control.size > 0 || this.#creditIsDue;
  }

  get creditIsUrgent(): boolean {
    return this.#toGrantBytes * 2 >= this.#receiveWindowBytes;
  }

  get #creditIsDue(): boolean {
    return this.#toGrantBytes * 4 >= this.#receiveWindowBytes;
  }

  /** Media waits and there is credit for it. */
  get hasMedia(): boolean {
    return this.#media.size > 0 && this.#creditBytes > 0;
  }

  get mediaBytes(): number {
    return this.#media.bytes;
  }

  /** How many media frames have been taken to be written. */
  get mediaLeft(): number {
    return this.#mediaLeft;
  }

  takeSeq(): number {
    const seq = this.#seq;
    this.#seq = (seq + 1) >>> 0;
    return seq;
  }

  /** Whether an event of `bytes` is within the bounds. */
  roomForEvent(bytes: number): boolean {
    return (
      this.#events < this.#limits.controlMaxEvents && this.#eventBytes + bytes <= this.#limits.controlMaxBytes
    );
  }

  pushEvent(payload: Uint8Array): void {
    this.#events += 1;
    this.#eventBytes += payload.byteLength;
    this.#control.push({ type: LINK_FRAME.control, value: 0, payload });
  }

  /** The link's own frames; they are few and don't count against the bounds of events. */
  pushFrame(type: LinkFrameType, payload: Uint8Array = NO_PAYLOAD, value = 0): void {
    this.#control.push({ type, value, payload });
  }

  takeControl(): QueuedControl | undefined {
    if (this.#creditIsDue) {
      const value = this.#toGrantBytes;
      this.#toGrantBytes = 0;
      return { type: LINK_FRAME.credit, value, payload: NO_PAYLOAD };
    }
    const next = this.#control.shift();
    if (next?.type === LINK_FRAME.control) {
      this.#events -= 1;
      this.#eventBytes -= next.payload.byteLength;
    }
    return next;
  }

  /** Whether a media frame of `bytes` would push older ones out. */
  mediaOverflowsWith(bytes: number): boolean {
    return this.#media.overflowsWith(bytes);
  }

  /** False when the frame's turn was purged. */
  pushMedia(frame: Uint8Array, turn: number, nowMs: number): boolean {
    if (turn !== 0 && turn <= this.#purgedThrough) {
      this.#dropped('late', 1, frame.byteLength);
      return false;
    }
    this.#media.push(frame, turn, nowMs);
    return true;
  }

  takeMedia(nowMs: number): QueuedMedia | undefined {
    const next = this.#media.take(nowMs);
    if (next === undefined) return undefined;
    this.#creditBytes -= next.frame.byteLength;
    this.#mediaLeft += 1;
    return next;
  }

  purgeMedia(throughTurn: number): number {
    this.#purgedThrough = Math.max(this.#purgedThrough, throughTurn);
    return this.#media.purge(throughTurn);
  }

  expireMedia(nowMs: number): void {
    this.#media.expire(nowMs);
  }

  /** Received media has gone on; the peer may send as much again. */
  grant(bytes: number): void {
    this.#toGrantBytes += bytes;
  }

  /** The peer granted `bytes`. */
  addCredit(bytes: number): void {
    this.#creditBytes = Math.min(this.#sendWindowBytes, this.#creditBytes + bytes);
  }

  clearMedia(): void {
    this.#media.clear();
  }

  clearControl(): void {
    this.#control.clear();
    this.#events = 0;
    this.#eventBytes = 0;
    this.#toGrantBytes = 0;
  }
}
