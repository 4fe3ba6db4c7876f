import type { Event } from '@parley/event';

/**
 * Numbers the model's turns of one run from 1, by its events alone.
 *
 * 1. A turn ends with `turnComplete`, if the model did anything in it, or with `interrupted`, always.
 * 2. `interrupted` belongs to the turn that it ends; every audio of that turn or an earlier one is void from then on.
 * 3. A `turnComplete` that only confirms an interruption belongs to the interrupted turn, and so does the usage that
 *    is told with it.
 */
export class TurnTracker {
  #turn = 1;
  #modelActed = false;

  /** The turn that `event` belongs to. Call once for each event, in order. */
  turnOf(event: Event): number {
    if (event.interrupted) {
      this.#modelActed = false;
      return this.#turn++;
    }
    if (event.usageMetadata && !this.#modelActed) return Math.max(1, this.#turn - 1);
    if (event.turnComplete) {
      if (!this.#modelActed) return Math.max(1, this.#turn - 1);
      this.#modelActed = false;
      return this.#turn++;
    }
    if (event.author !== 'user' && (event.content !== undefined || event.outputTranscription !== undefined)) {
      this.#modelActed = true;
    }
    return this.#turn;
  }
}
