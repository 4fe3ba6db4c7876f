import { CheckFailure } from '../check-failure.js';

/** So many sessions in a row that could not be had mean that there are none to be had. */
const MAX_REFUSALS = 3;

/** Spares a service (and whoever waits) from being asked for one session after the other when it gives none. */
export class SessionGate {
  #refusals = 0;

  /** Throws `CheckFailure` when it is no use to ask. */
  enter(): void {
    if (this.#refusals >= MAX_REFUSALS) {
      throw new CheckFailure(`not asked: the last ${MAX_REFUSALS} sessions could not be opened`);
    }
  }

  leave(outcome: string): void {
    this.#refusals = outcome === 'accepted' ? 0 : this.#refusals + 1;
  }
}
