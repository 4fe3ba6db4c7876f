import type { CancelTimer, Clock } from '@parley/kernel';

const PING_EVERY_MS = 10_000;
/** Two pings without any sign of the server. */
const LOST_AFTER_MS = 20_000;

/**
 * Measures the round trip and notices a dead line. A page cannot see WebSocket pings, so these are messages.
 * A server that has never answered one is not held to be lost.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #cancel: CancelTimer;
  #lastSignMs: number;
  #answered = false;
  #roundTripMs: number | undefined;

  constructor(clock: Clock, line: { readonly ping: (t: number) => void; readonly lost: () => void }) {
    this.#clock = clock;
    this.#lastSignMs = clock.monotonicMs();
    this.#cancel = clock.every(PING_EVERY_MS, () => {
      const now = clock.monotonicMs();
      if (this.#answered && now - this.#lastSignMs >= LOST_AFTER_MS) line.lost();
      else line.ping(now);
    });
  }

  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** Anything that came from the server. */
  sign(): void {
    this.#lastSignMs = this.#clock.monotonicMs();
  }

  pong(t: number | undefined): void {
    this.#answered = true;
    if (t !== undefined) this.#roundTripMs = this.#clock.monotonicMs() - t;
  }

  close(): void {
    this.#cancel();
  }
}
