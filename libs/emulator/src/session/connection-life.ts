import type { CancelTimer, Clock } from '@parley/kernel';

export interface ConnectionLifeOptions {
  readonly clock: Clock;
  /** 0 means for ever. */
  readonly connectionMs: number;
  readonly goAwayLeadMs: number;
  readonly onGoAway: (timeLeftMs: number) => void;
  readonly onOver: () => void;
}

/** A connection's limited life: `onGoAway` once, then `onOver` once, unless closed before. */
export class ConnectionLife {
  readonly #options: ConnectionLifeOptions;
  #timer: CancelTimer | undefined;

  constructor(options: ConnectionLifeOptions) {
    this.#options = options;
    const { clock, connectionMs, goAwayLeadMs } = options;
    if (connectionMs > 0) {
      const leadMs = Math.min(goAwayLeadMs, connectionMs);
      this.#timer = clock.after(connectionMs - leadMs, () => this.endIn(leadMs));
    }
  }

  /** Announces the end now, for `timeLeftMs` from now. */
  endIn(timeLeftMs: number): void {
    this.#timer?.();
    this.#timer = this.#options.clock.after(timeLeftMs, this.#options.onOver);
    this.#options.onGoAway(timeLeftMs);
  }

  close(): void {
    this.#timer?.();
  }
}
