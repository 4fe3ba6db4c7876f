/** Delays of one measuring window, in milliseconds. */
export class Delays {
  #values: number[] = [];

  add(ms: number): void {
    this.#values.push(ms);
  }

  reset(): void {
    this.#values = [];
  }

  summary(): DelaySummary {
    const sorted = [...this.#values].sort((a, b) => a - b);
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }
}

export interface DelaySummary {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}
