import type { ParleyError } from '@parley/kernel';
import type { LossSubject } from './close-classifier.js';

/** How a model's session is begun: taken up again, or anew and told more or less of what was said. */
export type SessionStart = 'handle' | 'history' | 'summary' | 'nothing';

/** Close codes with which a server says that it does not want what it was told. */
const REFUSALS: ReadonlySet<number> = new Set([1003, 1007, 1008, 1009, 1011]);
const INVALID = 1007;
const POLICY = 1008;
const INTERNAL = 1011;

/** What a refusal is about, when less, or another way to begin, can't cure it. */
const NOT_THE_SEED: ReadonlySet<unknown> = new Set(['credentials', 'quota', 'model']);

export interface SessionLoss {
  readonly closeCode: number;
  readonly about: LossSubject;
  readonly fatal: boolean;
  /** Whether the model has said anything since the session began, beyond accepting the set-up. */
  readonly heard: boolean;
  /** Whether anything was said to the model beside the history. */
  readonly spoken: boolean;
}

/**
 * Which way a lost conversation is taken up again: with the handle, else in a new session that is told the history,
 * else a summary of it, else nothing.
 *
 * 1. A way that the server refused is not tried again in the same trouble; half a minute of uptime ends the trouble.
 * 2. 1011 and 1008 after a resume which answered the same code: the session itself is broken, so begin anew. 1008
 *    after that, too: end.
 * 3. A server that closes without a word on what it was seeded with is seeded with less.
 * [src: gemini-live notes §5, adk-live notes §13]
 */
export class RecoveryLadder {
  #way: SessionStart = 'history';
  #floor: SessionStart = 'handle';
  #lastCode: number | undefined;

  /** How the next session has to begin, if a handle can be had. */
  next(hasHandle: boolean): SessionStart {
    return this.#floor === 'handle' && !hasHandle ? 'history' : this.#floor;
  }

  opened(way: SessionStart): void {
    this.#way = way;
    this.#floor = 'handle';
  }

  /** A session that had been set up is gone. `end`: do not try again. */
  lost({ about, closeCode, fatal, heard, spoken }: SessionLoss): 'retry' | 'end' {
    const again = closeCode === this.#lastCode;
    this.#lastCode = closeCode;
    const seeded = this.#way === 'history' || this.#way === 'summary';
    const otherCause = NOT_THE_SEED.has(about) || (closeCode === INVALID && spoken);
    if (seeded && !heard && REFUSALS.has(closeCode) && !otherCause) {
      this.#floor = below(this.#way);
      return 'retry';
    }
    if (fatal) return 'end';
    if (again && closeCode === POLICY && this.#way !== 'handle') return 'end';
    if (again && (closeCode === POLICY || closeCode === INTERNAL) && this.#way === 'handle') {
      this.#floor = 'history';
    }
    return 'retry';
  }

  /** A session could not be begun the way that `next` named. */
  refused(way: SessionStart, error: ParleyError): 'retry' | 'end' {
    const { about, closeCode, stage } = error.details;
    const byClosing = stage === 'setup' && typeof closeCode === 'number' && REFUSALS.has(closeCode);
    if (way === 'handle' && byClosing && !NOT_THE_SEED.has(about)) {
      this.#floor = 'history';
      return 'retry';
    }
    return error.retryable ? 'retry' : 'end';
  }

  /** The connection has been up long enough for what was before to be over. */
  settled(): void {
    this.#lastCode = undefined;
  }
}

function below(way: SessionStart): SessionStart {
  return way === 'history' ? 'summary' : 'nothing';
}
