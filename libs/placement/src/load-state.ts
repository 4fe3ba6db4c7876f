import type { WorkerState } from './worker-registry.js';

export interface LoadReading {
  /** 0…1, the largest of the loads that the worker measures. */
  readonly load: number;
  /** 99th percentile of the event loop's delay. */
  readonly loopP99Ms: number;
}

const FULL_LOAD = 0.85;
const FULL_LOOP_MS = 100;
const READY_LOAD = 0.7;
const PATIENCE_MS = 10_000;

/**
 * Whether a worker takes more, judged by how it fares: full after 10 s without a break at a load of 0.85 or with an event
 * loop that is later than 100 ms; ready again once the load is below 0.70 and the loop is not late. In between it stays
 * what it was, so that a worker at the edge does not come and go.
 */
export class LoadState {
  #state: WorkerState = 'ready';
  #strainedSinceMs: number | undefined;

  /** To be called once a second or so; `nowMs` is monotonic. */
  update({ load, loopP99Ms }: LoadReading, nowMs: number): WorkerState {
    const late = loopP99Ms > FULL_LOOP_MS;
    this.#strainedSinceMs = load >= FULL_LOAD || late ? (this.#strainedSinceMs ?? nowMs) : undefined;
    if (this.#strainedSinceMs !== undefined && nowMs - this.#strainedSinceMs >= PATIENCE_MS) {
      this.#state = 'full';
    } else if (load < READY_LOAD && !late) {
      this.#state = 'ready';
    }
    return this.#state;
  }
}
