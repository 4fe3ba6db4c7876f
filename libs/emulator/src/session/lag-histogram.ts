const BOUNDS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, Number.POSITIVE_INFINITY] as const;

/** How late paced messages went out. A bench during which p99 exceeds 20 ms says nothing about the client. */
export class LagHistogram {
  readonly #counts = BOUNDS_MS.map(() => 0);
  #total = 0;
  #maxMs = 0;

  record(lagMs: number): void {
    const bucket = BOUNDS_MS.findIndex((bound) => lagMs <= bound);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total += 1;
    this.#maxMs = Math.max(this.#maxMs, lagMs);
  }

  get maxMs(): number {
    return this.#maxMs;
  }

  /** The upper bound of the bucket in which the quantile lies; 0 when nothing was recorded. */
  quantileMs(quantile: number): number {
    let seen = 0;
    for (const [index, bound] of BOUNDS_MS.entries()) {
      seen += this.#counts[index] ?? 0;
      if (this.#total > 0 && seen >= quantile * this.#total) return Math.min(bound, this.#maxMs);
    }
    return 0;
  }
}
