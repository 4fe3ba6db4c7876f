import type { Part } from '@parley/event';

/** Joins text parts into segments: one of the model's thoughts, one of its answer. */
export class TextBuffer {
  #text = '';
  #thought = false;

  /** Adds a text part; returns the segment that ended because the kind of text changed. */
  accept(part: Part): Part | undefined {
    const thought = part.thought === true;
    const ended = thought === this.#thought ? undefined : this.finish();
    this.#thought = thought;
    this.#text += part.text ?? '';
    return ended;
  }

  finish(): Part | undefined {
    const text = this.#text;
    this.#text = '';
    if (text === '') return undefined;
    return this.#thought ? { text, thought: true } : { text };
  }
}
