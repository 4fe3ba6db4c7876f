import type { CancelTimer, Clock } from '../clock.js';

interface Due {
  atMs: number;
  readonly order: number;
  readonly run: () => void;
  readonly periodMs: number | undefined;
}

/** A clock that stands still until told to move; due timers run in time order, inside `advance`. */
export class ManualClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #epochMs: number;
  readonly #due = new Set<Due>();

  constructor(epochMs = Date.UTC(2026, 0, 1)) {
    this.#epochMs = epochMs;
  }

  nowMs(): number {
    return this.#epochMs + Math.floor(this.#now);
  }

  monotonicMs(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): CancelTimer {
    return this.#add(delayMs, run, undefined);
  }

  every(periodMs: number, run: () => void): CancelTimer {
    return this.#add(periodMs, run, periodMs);
  }

  /** Moves time on by `ms`, running what falls due; between timers pending promise callbacks get a turn. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (;;) {
      const next = [...this.#due].sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
      if (!next || next.atMs > until) break;
      this.#now = Math.max(this.#now, next.atMs);
      if (next.periodMs === undefined) this.#due.delete(next);
      else next.atMs += next.periodMs;
      next.run();
      await settle();
    }
    this.#now = until;
    await settle();
  }

  #add(delayMs: number, run: () => void, periodMs: number | undefined): CancelTimer {
    const due: Due = { atMs: this.#now + Math.max(0, delayMs), order: this.#order++, run, periodMs };
    this.#due.add(due);
    return () => void this.#due.delete(due);
  }
}

/** Lets promise callbacks that are already due run. */
export async function settle(turns = 20): Promise<void> {
  for (let i = 0; i < turns; i++) await Promise.resolve();
}
