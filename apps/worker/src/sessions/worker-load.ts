import { performance, type EventLoopUtilization } from 'node:perf_hooks';

/** Weight of a new reading against the average so far: about 5 s at one reading a second. */
const SMOOTHING = 0.2;

/** This process's load, 0…1: a moving average of the event loop's utilisation. Read once per heartbeat. */
export class WorkerLoad {
  #last: EventLoopUtilization = performance.eventLoopUtilization();
  #average = 0;

  read(): number {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#last);
    this.#last = now;
    this.#average += SMOOTHING * (utilization - this.#average);
    return this.#average;
  }
}
