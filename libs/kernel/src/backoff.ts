export interface BackoffOptions {
  readonly firstMs: number;
  readonly capMs: number;
  /** Part of the delay that is random, 0…1. */
  readonly jitter: number;
  readonly random?: () => number;
}

/** Exponential delays: first, twice that, … up to the cap, each shortened by a random part of `jitter`. */
export class Backoff {
  #attempt = 0;
  readonly #options: BackoffOptions;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  get attempts(): number {
    return this.#attempt;
  }

  nextDelayMs(): number {
    const { firstMs, capMs, jitter, random = Math.random } = this.#options;
    const full = Math.min(capMs, firstMs * 2 ** this.#attempt);
    this.#attempt += 1;
    return full * (1 - jitter * random());
  }

  reset(): void {
    this.#attempt = 0;
  }
}
