import { Backoff, type CancelTimer, type Clock } from '@parley/kernel';
import { mayGoOn, type CallEnd } from './call-end.js';
import { CLOSE_ABANDONED, type Line } from './line.js';

export interface RecoveryOptions {
  /** How long the server keeps the call for a client that is away. */
  readonly windowMs: number;
  readonly maxDelayMs: number;
  readonly random: () => number;
}

/** An attempt to come, and why it is needed. */
export interface Retry {
  /** From 1, within one break. */
  readonly attempt: number;
  readonly reason: string;
  /** How long until it begins, milliseconds. */
  readonly inMs: number;
}

export interface RecoveryHost {
  /** A line, not opened yet, that says `hello` with the way back. Its end is told to `failed`. */
  dial(): Line;
  /** The call has no line, and will be tried to get one. */
  retrying(retry: Retry): void;
  /** No further attempt is made. */
  gaveUp(end: CallEnd): void;
}

/** After the first attempt, which is made at once. */
const FIRST_DELAY_MS = 250;
/** From dialling to an open connection; then the next address is tried. */
const DIAL_TIMEOUT_MS = 5_000;
/** From dialling to `resumed`: the gateway may have to find another worker meanwhile. */
const ANSWER_TIMEOUT_MS = 20_000;

/**
 * Gets a call its next line: dials again and again, with growing random pauses, until an attempt is answered by
 * `resumed`, the server says that the call is over, or its window has passed.
 *
 * 1. There is at most one attempt at a time; its line is `line`.
 * 2. Before `lost` the old line still serves: nothing is told of attempts that fail, and no window runs.
 * 3. After `settled`, `close` or `gaveUp` no timer runs.
 */
export class Recovery {
  readonly #clock: Clock;
  readonly #options: RecoveryOptions;
  readonly #host: RecoveryHost;
  readonly #backoff: Backoff;
  #line: Line | undefined;
  #cancelTimer: CancelTimer | undefined;
  #attempts = 0;
  #asked = false;
  #lostAtMs: number | undefined;

  constructor(clock: Clock, options: RecoveryOptions, host: RecoveryHost) {
    this.#clock = clock;
    this.#options = options;
    this.#host = host;
    this.#backoff = new Backoff({
      firstMs: FIRST_DELAY_MS,
      capMs: options.maxDelayMs,
      jitter: 1,
      random: options.random,
    });
  }

  get line(): Line | undefined {
    return this.#line;
  }

  /** The server was asked to go on with the call on another line, and may have ended the old one for that. */
  get asked(): boolean {
    return this.#asked || this.#line?.helloSaid === true;
  }

  get lostForMs(): number {
    return this.#lostAtMs === undefined ? 0 : this.#clock.monotonicMs() - this.#lostAtMs;
  }

  /** The old line will end soon: moves at a random moment of the next `spreadMs`. */
  leave(spreadMs: number): void {
    this.#attemptIn(this.#options.random() * spreadMs);
  }

  /** The old line has ended. An attempt that is under way goes on. */
  lost(end: CallEnd): void {
    this.#lostAtMs ??= this.#clock.monotonicMs();
    if (!this.#line) this.#retry(end, 0);
  }

  /** The line of the attempt has ended. */
  failed(end: CallEnd): void {
    this.#asked = this.asked;
    this.#line = undefined;
    if (mayGoOn(end)) this.#retry(end, this.#backoff.nextDelayMs());
    else this.#giveUp(end);
  }

  /** The attempt was answered; its line is the call's now. */
  settled(): void {
    this.#cancelTimer?.();
    this.#line = undefined;
  }

  close(code: number, reason: string): void {
    const line = this.#line;
    this.settled();
    line?.close(code, reason);
  }

  #retry(end: CallEnd, delayMs: number): void {
    const inMs = Math.max(delayMs, end.error?.retryAfterMs ?? 0);
    if (this.lostForMs + inMs > this.#options.windowMs) return this.#giveUp(end);
    this.#attemptIn(inMs);
    if (this.#lostAtMs === undefined) return;
    const reason = end.reason || `close code ${end.code}`;
    this.#host.retrying({ attempt: this.#attempts + 1, reason, inMs });
  }

  #giveUp(end: CallEnd): void {
    this.settled();
    this.#host.gaveUp(end);
  }

  #attemptIn(delayMs: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#clock.after(delayMs, () => this.#attempt());
  }

  #attempt(): void {
    this.#attempts += 1;
    const line = this.#host.dial();
    this.#line = line;
    const abandon = (): void => line.close(CLOSE_ABANDONED, 'The server does not answer.');
    this.#cancelTimer = this.#clock.after(DIAL_TIMEOUT_MS, () => {
      if (line.helloSaid) this.#cancelTimer = this.#clock.after(ANSWER_TIMEOUT_MS - DIAL_TIMEOUT_MS, abandon);
      else abandon();
    });
    line.open();
  }
}
