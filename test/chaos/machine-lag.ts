import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';

export interface Lag {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const RESOLUTION_MS = 10;

/** How late this process's own timers are, milliseconds: what a measured time on this machine is worth. */
export class MachineLag {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#histogram.enable();
  }

  stop(): Lag {
    this.#histogram.disable();
    const over = (ns: number): number => Math.max(0, Math.round((ns / 1e6 - RESOLUTION_MS) * 10) / 10);
    return {
      p50: over(this.#histogram.percentile(50)),
      p99: over(this.#histogram.percentile(99)),
      max: over(this.#histogram.max),
    };
  }
}
