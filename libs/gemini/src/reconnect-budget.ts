import type { CancelTimer, Clock } from '@parley/kernel';

export interface ReconnectBudgetOptions {
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
}

const ATTEMPTS = 8;
const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 5_000;
const JITTER = 0.2;
const RESTORED_AFTER_MS = 30_000;

/**
 * How often a conversation may be dialled again: eight times, with 250 ms, 500 ms … 5 s (each ±20 %) before each.
 * Half a minute of uptime restores it, so that only a connection that keeps dying runs out. [src: adk-live notes §6]
 */
export class ReconnectBudget {
  readonly #options: ReconnectBudgetOptions;
  #taken = 0;

  constructor(options: ReconnectBudgetOptions) {
    this.#options = options;
  }

  /** Takes one attempt; answers how long to wait before it, or undefined when there is none left. */
  take(): number | undefined {
    if (this.#taken >= ATTEMPTS) return undefined;
    const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#taken);
    this.#taken += 1;
    return delayMs * (1 + JITTER * (2 * this.#options.random() - 1));
  }

  restore(): void {
    this.#taken = 0;
  }

  /** Starts counting uptime, if there is anything to restore; whoever holds the connection cancels when it ends. */
  afterUptime(restored: () => void): CancelTimer {
    if (this.#taken === 0) return () => undefined;
    return this.#options.clock.after(RESTORED_AFTER_MS, () => {
      this.restore();
      restored();
    });
  }
}
