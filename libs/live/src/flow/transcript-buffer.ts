import type { Transcription } from '@parley/event';

/**
 * Joins the fragments of one direction's transcription. The Live API sends deltas and often never says
 * `finished`, so whoever holds the buffer closes it at a turn's border.
 */
export class TranscriptBuffer {
  #text = '';

  /** What to tell at once: the fragment as a delta, and the whole when this fragment finished it. */
  accept(fragment: Transcription): { readonly delta?: Transcription; readonly whole?: Transcription } {
    this.#text += fragment.text;
    const delta = fragment.text === '' ? {} : { delta: { text: fragment.text, finished: false } };
    const whole = fragment.finished ? this.finish() : undefined;
    return whole ? { ...delta, whole } : delta;
  }

  /** The whole text as finished, and starts anew; undefined when nothing but white space came. */
  finish(): Transcription | undefined {
    const text = this.#text.trim();
    this.#text = '';
    return text === '' ? undefined : { text, finished: true };
  }
}
