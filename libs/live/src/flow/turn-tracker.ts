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
  #turn: number;
  #modelActed: boolean;

  /** Begins at the first turn of a run, or where another process left it: in a turn that was open, or after the last. */
  constructor(start: { readonly turn: number; readonly turnOpen: boolean } = { turn: 0, turnOpen: false }) {
    this.#turn = Math.max(1, start.turnOpen ? start.turn : start.turn + 1);
    this.#modelActed = start.turnOpen;
  }

  /** The turn that the model's next output belongs to. */
  get current(): number {
    return this.#turn;
  }

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
    if (event.author !== 'user' && isOutput(event)) this.#modelActed = true;
    return this.#turn;
  }
}

/** A file of what was said is told when it is saved, perhaps behind the end of its turn. */
function isOutput({ content, outputTranscription }: Event): boolean {
  if (outputTranscription) return true;
  return content !== undefined && !content.parts.some((part) => part.fileData);
}
