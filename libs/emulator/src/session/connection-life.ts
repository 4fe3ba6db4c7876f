import type { CancelTimer, Clock } from '@parley/kernel';

export interface ConnectionLifeOptions {
  readonly clock: Clock;
  readonly goAwayLeadMs: number;
  readonly onGoAway: (timeLeftMs: number) => void;
  readonly onOver: () => void;
}

/**
 * A connection's limited life. It has no end until one is set, and of several ends the earliest holds.
 *
 * 1. `onOver` comes once, after `onGoAway` with the time that was left then; `onGoAway` comes again only when an
 *    earlier end is set after it.
 * 2. After `close` nothing comes.
 */
export class ConnectionLife {
  readonly #options: ConnectionLifeOptions;
  #endMs = Number.POSITIVE_INFINITY;
  #timer: CancelTimer | undefined;
  #closed = false;

  constructor(options: ConnectionLifeOptions) {
    this.#options = options;
  }

  /** It ends in `leftMs` at the latest, and says so `goAwayLeadMs` before. */
  limit(leftMs: number): void {
    const { clock, goAwayLeadMs } = this.#options;
    const endMs = clock.monotonicMs() + leftMs;
    if (this.#closed || endMs >= this.#endMs) return;
    this.#endMs = endMs;
    this.#timer?.();
    if (leftMs <= goAwayLeadMs) this.#announce(leftMs);
    else this.#timer = clock.after(leftMs - goAwayLeadMs, () => this.#announce(goAwayLeadMs));
  }

  /** Announces the end now, for `timeLeftMs` from now, whatever was set before. */
  endIn(timeLeftMs: number): void {
    if (this.#closed) return;
    this.#timer?.();
    this.#endMs = this.#options.clock.monotonicMs() + timeLeftMs;
    this.#announce(timeLeftMs);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.();
  }

  #announce(timeLeftMs: number): void {
    this.#timer = this.#options.clock.after(timeLeftMs, this.#options.onOver);
    this.#options.onGoAway(timeLeftMs);
  }
}
