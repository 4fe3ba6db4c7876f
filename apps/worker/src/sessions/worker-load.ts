import type { LoadReading } from '@parley/placement';
import {
  monitorEventLoopDelay,
  performance,
  type EventLoopUtilization,
  type IntervalHistogram,
} from 'node:perf_hooks';

/** Weight of a new reading against the average so far: about 5 s at one reading a second. */
const SMOOTHING = 0.2;
const RESOLUTION_MS = 10;
/** A loop that is this late at its 99th percentile carries all that it can. */
const FULL_DELAY_MS = 100;
/** What Node answers where nothing limits the process. */
const NO_LIMIT = 2 ** 53;

/**
 * This process's load: the largest of the event loop's utilisation (averaged), its lateness since the last reading, and
 * the share of its memory that is taken. Read once per heartbeat; `close` ends the measuring.
 */
export class WorkerLoad {
  readonly #delays: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #last: EventLoopUtilization = performance.eventLoopUtilization();
  #average = 0;

  constructor() {
    this.#delays.enable();
  }

  read(): LoadReading {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#last);
    this.#last = now;
    this.#average += SMOOTHING * (utilization - this.#average);
    // what is measured is the time between two ticks; it is 0 when there was none
    const loopP99Ms = Math.max(0, this.#delays.percentile(99) / 1e6 - RESOLUTION_MS);
    this.#delays.reset();
    const load = Math.max(this.#average, loopP99Ms / FULL_DELAY_MS, memoryShare());
    return { load: Math.min(1, load), loopP99Ms };
  }

  close(): void {
    this.#delays.disable();
  }
}

function memoryShare(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < NO_LIMIT ? process.memoryUsage.rss() / limit : 0;
}
