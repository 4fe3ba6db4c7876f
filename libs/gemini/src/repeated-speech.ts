import type { Transcription } from '@parley/event';

export interface HeardSpeech {
  readonly words: string;
  /** The listener has been told that they are all. */
  readonly finished: boolean;
}

/**
 * Speech that is said again to a new session is also written down again. The listener has read it already.
 *
 * 1. What a new transcription has in common with the old one from its beginning on is left out; what goes beyond it
 *    is passed on.
 * 2. One that turns out to be another text is passed on whole: rather twice than never.
 */
export class RepeatedSpeech {
  #expected: HeardSpeech | undefined;
  /** What has come of it so far. */
  #again = '';

  /** What will be heard again. */
  expect(heard: HeardSpeech): void {
    this.#expected = comparable(heard.words) ? heard : undefined;
    this.#again = '';
  }

  /** The model answers: whatever is heard from now on is new. */
  over(): void {
    this.#expected = undefined;
  }

  /** What of `heard` is new; undefined when nothing is. */
  newIn(heard: Transcription): Transcription | undefined {
    const expected = this.#expected;
    if (!expected) return heard;
    // A finished transcription may hold the whole text once more.
    const whole = heard.finished && comparable(heard.text).startsWith(comparable(this.#again));
    this.#again = whole ? heard.text : this.#again + heard.text;
    const [known, again] = [comparable(expected.words), comparable(this.#again)];
    if (known.startsWith(again) && (!heard.finished || known === again)) {
      if (heard.finished) this.over();
      return heard.finished && !expected.finished ? { ...heard, text: '' } : undefined;
    }
    this.over();
    const text = again.startsWith(known) ? after(this.#again, known.length) : this.#again;
    return { ...heard, text };
  }
}

/** Letters and digits only: recognisers differ in the rest from one time to the next. */
function comparable(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** `text` without its first `count` letters and digits. */
function after(text: string, count: number): string {
  let left = count;
  let at = 0;
  for (const char of text) {
    if (left === 0) break;
    left -= comparable(char).length;
    at += char.length;
  }
  return text.slice(at);
}
