import type { CancelTimer, Clock } from '@parley/kernel';

const TICK_MS = 200;
/** A process that stood still for half its lease may have lost its runs to others. */
export const STILL_MS = 2_000;
/** How long everything waits at most for word from the registry. */
export const MAX_HOLD_MS = 1_000;

export interface ResumeBarrierOptions {
  readonly clock: Clock;
  /**
   * Asks the registry whether this worker still owns its runs, and drops those it does not. Settles when that is done,
   * or the registry can not be reached.
   */
  readonly confirm: () => Promise<void>;
  /** Nothing may leave from now on. */
  readonly onHold: () => void;
  readonly onRelease: () => void;
}

/**
 * Notices that this process stood still (stopped, swapped out, starved), and lets nothing leave until it knows that it
 * was not replaced meanwhile.
 *
 * 1. A gap is found by whichever comes first: the tick, or somebody who is about to send and calls `look`.
 * 2. Each gap holds once, for `MAX_HOLD_MS` at the longest: a registry that is away does not silence calls (I11).
 */
export class ResumeBarrier {
  readonly #options: ResumeBarrierOptions;
  readonly #stop: CancelTimer;
  #lastMs: number;
  #cancelHold: CancelTimer | undefined;

  constructor(options: ResumeBarrierOptions) {
    this.#options = options;
    this.#lastMs = options.clock.monotonicMs();
    this.#stop = options.clock.every(TICK_MS, () => {
      this.look();
      this.#lastMs = options.clock.monotonicMs();
    });
  }

  /** Whether anything may leave. To be asked before each send. */
  look(): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#lastMs > STILL_MS) {
      this.#lastMs = nowMs;
      this.#hold();
    }
    return this.#cancelHold === undefined;
  }

  /** Idempotent. What is held is released. */
  close(): void {
    this.#stop();
    this.#release();
  }

  #hold(): void {
    const { clock, confirm, onHold } = this.#options;
    if (this.#cancelHold) return;
    const cancel = clock.after(MAX_HOLD_MS, () => this.#release());
    this.#cancelHold = cancel;
    onHold();
    const confirmed = (): void => {
      if (this.#cancelHold === cancel) this.#release();
    };
    confirm().then(confirmed, confirmed);
  }

  #release(): void {
    if (!this.#cancelHold) return;
    this.#cancelHold();
    this.#cancelHold = undefined;
    this.#options.onRelease();
  }
}
