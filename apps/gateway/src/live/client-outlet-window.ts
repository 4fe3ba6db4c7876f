import type { Clock } from '@parley/kernel';
import type { ClientTransport } from './client-transport.js';

/**
 * What an unknown line, and one that was at rest, is trusted with: a third of a second of the agent's voice. That is all
 * that clients need whose answers take no longer than that; for those farther away it grows.
 */
const START_WINDOW_BYTES = 16 * 1_024;
const MAX_WINDOW_BYTES = 64 * 1_024;
const GROWTH_BYTES = 4 * 1_024;
/** A client that answers sooner needs no more than the window at the start: its answer says nothing of what it can take. */
const NEAR_MS = 100;
/** Where less is on the way, a frame may follow, however long it is. */
const MIN_WINDOW_BYTES = 4 * 1_024;
/** Where a line is slow, what is on the way may take so long. */
const TARGET_MS = 800;
/** A line is slow when a marker takes so much longer than the fastest one took. */
const SLOW_MS = 250;
/** What is on the way may be this much before the client is asked for it. */
const MARK_BYTES = 8 * 1_024;
/** After so long without a word down, what the line could do before says nothing. */
const REST_MS = 1_000;
/** A client may answer only the newest of several markers, so one that waits is followed by another. [src: RFC 6455 §5.5.3] */
const MARK_AGAIN_MS = 1_000;
const MAX_MARKS = 32;

interface Mark {
  /** Counted from the first byte ever sent. */
  readonly throughBytes: number;
  /** What was on the way when it left. */
  readonly aheadBytes: number;
  readonly atMs: number;
}

/**
 * How much audio may be on the way to one client, who confirms markers that are sent among what it gets.
 *
 * 1. A marker that takes long shows the speed of the line: what was ahead of it, over the time that this took. The window
 *    is what the line carries in less than a second then, whether the marker has come back or not. Quick ones let it grow
 *    where something had to wait.
 * 2. It is never more than 64 KiB, and never so little that a single frame does not get through. What is on the way and
 *    not marked is marked before anything waits for it.
 */
export class ClientOutletWindow {
  readonly #transport: Pick<ClientTransport, 'confirm'>;
  readonly #clock: Clock;
  readonly #onConfirmed: () => void;
  #marks: Mark[] = [];
  #bytes = START_WINDOW_BYTES;
  #sentBytes = 0;
  #markedBytes = 0;
  #confirmedBytes = 0;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #markedAtMs = Number.NEGATIVE_INFINITY;
  #confirmedAtMs = Number.NEGATIVE_INFINITY;
  /** Something had to wait since the last answer. */
  #isNarrow = false;
  #fastestMs = Number.POSITIVE_INFINITY;

  constructor(transport: Pick<ClientTransport, 'confirm'>, clock: Clock, onConfirmed: () => void) {
    this.#transport = transport;
    this.#clock = clock;
    this.#onConfirmed = onConfirmed;
  }

  get unconfirmedBytes(): number {
    return this.#sentBytes - this.#confirmedBytes;
  }

  /** More waits, here and on the way, than may be on the way. */
  isExceededBy(waitingBytes: number): boolean {
    this.#narrow();
    return waitingBytes + this.unconfirmedBytes > this.#bytes;
  }

  /** For how long the client has confirmed nothing although it was asked. */
  silentMs(): number {
    const [oldest] = this.#marks;
    if (!oldest) return 0;
    return this.#clock.monotonicMs() - Math.max(oldest.atMs, this.#confirmedAtMs);
  }

  /** Whether so much audio may be sent now. */
  isOpenFor(bytes: number): boolean {
    this.#narrow();
    const onTheWay = this.unconfirmedBytes;
    if (onTheWay < MIN_WINDOW_BYTES || onTheWay + bytes <= this.#bytes) return true;
    if (this.#marks.length === 0) this.#mark();
    this.#isNarrow = true;
    return false;
  }

  /** So much was given to the transport. */
  sent(bytes: number): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#sentAtMs > REST_MS) this.#bytes = Math.min(this.#bytes, START_WINDOW_BYTES);
    this.#sentAtMs = nowMs;
    this.#sentBytes += bytes;
    if (this.#sentBytes - this.#markedBytes >= Math.min(MARK_BYTES, this.#bytes / 2)) this.#mark();
  }

  /** To be called about once a second while something is unconfirmed. */
  remind(): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.unconfirmedBytes > 0 && nowMs - this.#markedAtMs >= MARK_AGAIN_MS) this.#mark();
  }

  #narrow(): void {
    const [oldest] = this.#marks;
    const fitting = oldest && this.#fitting(oldest, this.#clock.monotonicMs() - oldest.atMs);
    if (fitting !== undefined) this.#bytes = Math.min(this.#bytes, fitting);
  }

  #mark(): void {
    if (this.#marks.length >= MAX_MARKS) return;
    const mark = {
      throughBytes: this.#sentBytes,
      aheadBytes: this.unconfirmedBytes,
      atMs: this.#clock.monotonicMs(),
    };
    this.#markedBytes = mark.throughBytes;
    this.#markedAtMs = mark.atMs;
    this.#marks.push(mark);
    this.#transport.confirm(() => this.#confirmed(mark));
  }

  #confirmed(mark: Mark): void {
    const at = this.#marks.indexOf(mark);
    if (at < 0) return;
    const nowMs = this.#clock.monotonicMs();
    this.#marks.splice(0, at + 1);
    this.#confirmedBytes = mark.throughBytes;
    this.#confirmedAtMs = nowMs;
    const tookMs = nowMs - mark.atMs;
    this.#fastestMs = Math.min(this.#fastestMs, tookMs);
    const fitting = this.#fitting(mark, tookMs);
    if (fitting !== undefined) this.#bytes = Math.min(MAX_WINDOW_BYTES, fitting);
    else if (this.#isNarrow) this.#grow(tookMs);
    this.#isNarrow = false;
    this.#onConfirmed();
  }

  #grow(tookMs: number): void {
    const mostBytes = tookMs < NEAR_MS ? START_WINDOW_BYTES : MAX_WINDOW_BYTES;
    this.#bytes = Math.max(this.#bytes, Math.min(mostBytes, this.#bytes + GROWTH_BYTES));
  }

  /** What a line carries that took so long for what was on the way; undefined where that was not slow. */
  #fitting({ aheadBytes }: Mark, tookMs: number): number | undefined {
    const fastestMs = Number.isFinite(this.#fastestMs) ? this.#fastestMs : 0;
    if (tookMs - fastestMs <= SLOW_MS) return undefined;
    return Math.max(MIN_WINDOW_BYTES, (aheadBytes * TARGET_MS) / tookMs);
  }
}
