import type { CancelTimer, Clock } from '@parley/kernel';
import type { LagHistogram } from './lag-histogram.js';

const TICK_MS = 10;

/**
 * The one ticker that paces all sessions of a process.
 *
 * 1. Due times are absolute: a late tick makes one message late, not those after it.
 * 2. What falls due in one tick runs in order of due time, then of scheduling.
 * 3. It ticks only while something is scheduled; how late each run was is recorded.
 */
export class PaceTicker {
  readonly #clock: Clock;
  readonly #lag: LagHistogram;
  readonly #entries = new Set<{ readonly dueMs: number; readonly run: () => void }>();
  #stop: CancelTimer | undefined;

  constructor(clock: Clock, lag: LagHistogram) {
    this.#clock = clock;
    this.#lag = lag;
  }

  /** Runs at the first tick at or after `dueMs` on the clock's monotonic time. */
  at(dueMs: number, run: () => void): CancelTimer {
    const entry = { dueMs, run };
    this.#entries.add(entry);
    this.#stop ??= this.#clock.every(TICK_MS, () => this.#tick());
    return () => void this.#entries.delete(entry);
  }

  close(): void {
    this.#entries.clear();
    this.#stop?.();
    this.#stop = undefined;
  }

  #tick(): void {
    const nowMs = this.#clock.monotonicMs();
    const due = [...this.#entries].filter((entry) => entry.dueMs <= nowMs).sort((a, b) => a.dueMs - b.dueMs);
    for (const entry of due) {
      // An earlier run of this tick may have cancelled it.
      if (!this.#entries.delete(entry)) continue;
      this.#lag.record(nowMs - entry.dueMs);
      entry.run();
    }
    if (this.#entries.size === 0) {
      this.#stop?.();
      this.#stop = undefined;
    }
  }
}
