import type { Clock } from '@parley/kernel';
import type { Behaviour } from './behaviour.js';

/** How long a session has lasted, over all its connections; time between them doesn't count. */
export interface SessionAgeState {
  readonly ageMs: number;
  /** Its age when the first video frame came. */
  readonly videoAtMs?: number;
}

export interface SessionAgeOptions {
  readonly clock: Clock;
  readonly behaviour: Pick<Behaviour, 'sessionMs' | 'sessionWithVideoMs' | 'timeScale'>;
  /** With a compressed context a session has no end. */
  readonly endless: boolean;
  readonly restored: SessionAgeState | undefined;
}

/**
 * Google's limits on a session without context compression: 15 minutes, and two from the first video frame on.
 * Its own times are scaled; `leftMs` is the clock's.
 */
export class SessionAge {
  readonly #options: SessionAgeOptions;
  readonly #startedMs: number;
  readonly #before: number;
  #videoAtMs: number | undefined;

  constructor(options: SessionAgeOptions) {
    this.#options = options;
    this.#startedMs = options.clock.monotonicMs();
    this.#before = options.restored?.ageMs ?? 0;
    this.#videoAtMs = options.restored?.videoAtMs;
  }

  get state(): SessionAgeState {
    return {
      ageMs: this.#ageMs(),
      ...(this.#videoAtMs !== undefined && { videoAtMs: this.#videoAtMs }),
    };
  }

  /** Undefined without a limit; never negative. */
  get leftMs(): number | undefined {
    const { behaviour, endless } = this.#options;
    if (endless) return undefined;
    const ends: number[] = [];
    if (behaviour.sessionMs > 0) ends.push(behaviour.sessionMs);
    if (behaviour.sessionWithVideoMs > 0 && this.#videoAtMs !== undefined) {
      ends.push(this.#videoAtMs + behaviour.sessionWithVideoMs);
    }
    if (ends.length === 0) return undefined;
    return Math.max(0, Math.min(...ends) - this.#ageMs()) / behaviour.timeScale;
  }

  /** True for the first frame, which shortens what is left. */
  sawVideo(): boolean {
    if (this.#videoAtMs !== undefined) return false;
    this.#videoAtMs = this.#ageMs();
    return true;
  }

  #ageMs(): number {
    const { clock, behaviour } = this.#options;
    return this.#before + (clock.monotonicMs() - this.#startedMs) * behaviour.timeScale;
  }
}
