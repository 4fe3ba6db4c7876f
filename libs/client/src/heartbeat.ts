import type { CancelTimer, Clock } from '@parley/kernel';

const PING_EVERY_MS = 5_000;
const LOST_AFTER_PINGS = 2;

/**
 * Notices a dead line: two pings in a row without any sign of the server after them. A page cannot see WebSocket
 * pings, so these are messages. They are counted, not timed, because a hidden page's timers run late. A server that has
 * never answered one is not held to be lost.
 */
export class Heartbeat {
  readonly #cancel: CancelTimer;
  #unanswered = 0;
  #answered = false;

  constructor(clock: Clock, line: { readonly ping: (t: number) => void; readonly lost: () => void }) {
    this.#cancel = clock.every(PING_EVERY_MS, () => {
      if (this.#answered && this.#unanswered >= LOST_AFTER_PINGS) return line.lost();
      this.#unanswered += 1;
      line.ping(clock.monotonicMs());
    });
  }

  /** Anything that came from the server. */
  sign(): void {
    this.#unanswered = 0;
  }

  pong(): void {
    this.#answered = true;
  }

  close(): void {
    this.#cancel();
  }
}
