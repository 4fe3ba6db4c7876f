/**
 * Decides which of the agent's audio may still be heard: promise I10, at the client's edge.
 *
 * 1. After `interrupt(turn)` no frame of that turn or an earlier one passes. The server promises not to send
 *    one; those that come all the same are counted in `lateFrames`, which therefore stays 0.
 * 2. After `mute(turn)`, the caller's own wish, frames of the turn are in flight and expected: they are
 *    dropped and counted in `mutedFrames` until the server has confirmed.
 */
export class TurnGate {
  #interrupted = -1;
  #muted = -1;
  #late = 0;
  #mutedCount = 0;

  get lateFrames(): number {
    return this.#late;
  }

  get mutedFrames(): number {
    return this.#mutedCount;
  }

  admits(turn: number): boolean {
    if (turn <= this.#interrupted) {
      this.#late += 1;
      return false;
    }
    if (turn <= this.#muted) {
      this.#mutedCount += 1;
      return false;
    }
    return true;
  }

  /** False when the turn (or a later one) was interrupted or muted already. */
  interrupt(turn: number): boolean {
    const isNew = turn > this.#interrupted && turn > this.#muted;
    this.#interrupted = Math.max(this.#interrupted, turn);
    return isNew;
  }

  /** False when there is nothing to mute: the turn is cut already. */
  mute(turn: number): boolean {
    if (turn <= this.#muted || turn <= this.#interrupted) return false;
    this.#muted = turn;
    return true;
  }
}
