import { functionCallsOf, functionResponsesOf, type Event, type Transcription } from '@parley/event';

/** Calls and responses that may be held back; beyond it the order is given up, never an event. */
const MAX_HELD = 256;

/**
 * The order in which events are stored. While something is being transcribed, function calls and responses wait for
 * the whole transcript, so that a stored conversation reads: what was said, then what was called for it.
 * [src: adk-python runners.py `_exec_with_plugin`]
 *
 * 1. Each event comes out once, at the latest with `release`: nothing is lost when a run ends meanwhile (C5).
 * 2. What the user says and what the model says are waited for each by itself.
 * 3. The end of a turn ends the waiting: whoever makes events closes transcripts there.
 */
export class DurableOrder {
  #hearing = false;
  #saying = false;
  #held: Event[] = [];

  /** Takes every event of a run, deltas too; answers with those to be stored now, in order. */
  accept(event: Event): readonly Event[] {
    this.#hearing = inProgress(this.#hearing, event, event.inputTranscription);
    this.#saying = inProgress(this.#saying, event, event.outputTranscription);
    if (event.partial === true) return [];
    if (event.turnComplete || event.interrupted) {
      this.#hearing = this.#saying = false;
      return event.outputTranscription ? [event, ...this.release()] : [...this.release(), event];
    }
    if (!this.#hearing && !this.#saying) return [event, ...this.release()];
    if (functionCallsOf(event).length === 0 && functionResponsesOf(event).length === 0) return [event];
    this.#held.push(event);
    return this.#held.length > MAX_HELD ? this.release() : [];
  }

  /** What is held back, in order. */
  release(): readonly Event[] {
    const held = this.#held;
    this.#held = [];
    return held;
  }
}

function inProgress(before: boolean, event: Event, transcription: Transcription | undefined): boolean {
  if (!transcription?.text.trim()) return before;
  return event.partial === true;
}
