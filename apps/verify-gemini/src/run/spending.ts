import { CheckFailure } from '../check-failure.js';

export interface SpendingLimits {
  readonly sessions: number;
  /** Audio sent, in milliseconds. */
  readonly spokenMs: number;
}

/** What a run has used, and where it stops. */
export class Spending {
  readonly #limits: SpendingLimits;
  #sessions = 0;
  #spokenMs = 0;
  #tokens = 0;

  constructor(limits: SpendingLimits) {
    this.#limits = limits;
  }

  get sessions(): number {
    return this.#sessions;
  }

  get spokenMs(): number {
    return Math.round(this.#spokenMs);
  }

  /** As the provider reported them, over all turns. */
  get tokens(): number {
    return this.#tokens;
  }

  /** Throws `CheckFailure` when no further session may be opened. */
  openSession(): void {
    if (this.#sessions >= this.#limits.sessions) {
      throw new CheckFailure(`not asked: the run may open ${this.#limits.sessions} sessions`);
    }
    this.#sessions += 1;
  }

  /** Throws `CheckFailure` when nothing more may be said. */
  speak(durationMs: number): void {
    if (this.#spokenMs + durationMs > this.#limits.spokenMs) {
      throw new CheckFailure(`not asked: the run may speak for ${this.#limits.spokenMs / 1_000} s`);
    }
    this.#spokenMs += durationMs;
  }

  report(tokens: number): void {
    this.#tokens += tokens;
  }
}
