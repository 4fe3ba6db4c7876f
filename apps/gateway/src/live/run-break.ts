import type { Clock } from '@parley/kernel';
import type { Placement } from '@parley/placement';
import type { Metrics } from '@parley/telemetry';
import { isSame } from './owner-search.js';

export type BreakCause = 'worker' | 'drain';

/** A run without an owner: from the loss of one until the run goes on, however many owners are lost meanwhile. */
export class RunBreak {
  readonly cause: BreakCause;
  readonly #owner: Placement;
  readonly #parts: { readonly metrics: Metrics; readonly clock: Clock };
  readonly #startedMs: number;

  constructor(
    cause: BreakCause,
    owner: Placement,
    parts: { readonly metrics: Metrics; readonly clock: Clock },
  ) {
    this.cause = cause;
    this.#owner = owner;
    this.#parts = parts;
    this.#startedMs = parts.clock.monotonicMs();
  }

  get goneMs(): number {
    return this.#parts.clock.monotonicMs() - this.#startedMs;
  }

  /** The run goes on at `owner`. */
  mended(owner: Placement): void {
    const { cause } = this;
    this.#parts.metrics.observe('live_failover_gap_seconds', { cause }, this.goneMs / 1_000);
    this.#count(isSame(owner, this.#owner) ? 'kept' : 'moved');
  }

  /** The run does not go on: it ended, or nobody could be found. */
  givenUp(outcome: 'ended' | 'lost'): void {
    this.#count(outcome);
  }

  #count(outcome: 'kept' | 'moved' | 'ended' | 'lost'): void {
    this.#parts.metrics.count('live_failovers_total', { cause: this.cause, outcome });
  }
}
