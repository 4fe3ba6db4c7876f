import type { Clock } from '@parley/kernel';

/** A client may send this many messages a second (production.md §4.3), with as much again at once. */
export const MESSAGES_PER_SECOND = 120;

/** Token bucket over one connection's messages. */
export class MessageAllowance {
  readonly #clock: Clock;
  #tokens = MESSAGES_PER_SECOND;
  #filledAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#filledAtMs = clock.monotonicMs();
  }

  take(): boolean {
    const nowMs = this.#clock.monotonicMs();
    const earned = ((nowMs - this.#filledAtMs) * MESSAGES_PER_SECOND) / 1_000;
    this.#tokens = Math.min(MESSAGES_PER_SECOND, this.#tokens + earned);
    this.#filledAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
