import type { Clock } from '@parley/kernel';
import { unavailable } from '../sql-error.js';

export interface ExclusiveTurnOptions {
  readonly clock: Clock;
  /** Who comes when this many wait already is refused. */
  readonly capacity: number;
  /** Who has waited this long is refused. */
  readonly waitMs: number;
}

/**
 * One holder at a time, first come first served: the single connection of an embedded database.
 *
 * 1. Between `take` and `give` nobody else holds the turn.
 * 2. Waiting is bounded in number and in time; a refusal is `control_plane_unavailable`.
 * 3. After `close` nobody new is let in; those who wait still get their turn, and `close` resolves after the last.
 */
export class ExclusiveTurn {
  readonly #options: ExclusiveTurnOptions;
  readonly #waiting = new Set<() => void>();
  #held = false;
  #closing: Promise<void> | undefined;

  constructor(options: ExclusiveTurnOptions) {
    this.#options = options;
  }

  take(): Promise<void> {
    if (this.#closing) return Promise.reject(unavailable('The database is closed.'));
    if (this.#waiting.size >= this.#options.capacity) {
      return Promise.reject(unavailable('Too many requests wait for the database.'));
    }
    return this.#take();
  }

  give(): void {
    const [next] = this.#waiting;
    if (next) next();
    else this.#held = false;
  }

  close(): Promise<void> {
    this.#closing ??= this.#take();
    return this.#closing;
  }

  #take(): Promise<void> {
    if (!this.#held) {
      this.#held = true;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        this.#waiting.delete(enter);
        cancel();
        resolve();
      };
      const cancel = this.#options.clock.after(this.#options.waitMs, () => {
        this.#waiting.delete(enter);
        reject(unavailable('The database did not get to this request in time.'));
      });
      this.#waiting.add(enter);
    });
  }
}
