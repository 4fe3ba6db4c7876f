import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';

/** How late an idle process's timers are: says how much a latency on this machine is worth. */
export class MachineLag {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: 10 });

  constructor() {
    this.#histogram.enable();
  }

  /** The 99th percentile, in milliseconds over the timer's own 10. */
  stop(): number {
    this.#histogram.disable();
    return Math.max(0, this.#histogram.percentile(99) / 1e6 - 10);
  }
}
