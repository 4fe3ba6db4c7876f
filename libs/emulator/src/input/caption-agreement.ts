/**
 * Turns repeated transcriptions of a growing utterance into captions that are only ever added to, as Gemini's
 * are: a word is given out once two transcriptions in a row agree on it and on all before it.
 */
export class CaptionAgreement {
  #last: string[] = [];
  #given = 0;

  /** A transcription of the utterance so far; answers the words that are now certain, '' for none. */
  offer(text: string): string {
    const words = wordsOf(text);
    let agreed = 0;
    while (agreed < words.length && agreed < this.#last.length && same(words[agreed], this.#last[agreed])) {
      agreed += 1;
    }
    this.#last = words;
    return this.#give(words, agreed);
  }

  /** The whole utterance's transcription; answers what was not given out yet. */
  finish(text: string): string {
    const words = wordsOf(text);
    return this.#give(words, words.length);
  }

  #give(words: readonly string[], upTo: number): string {
    if (upTo <= this.#given) return '';
    const piece = words.slice(this.#given, upTo).join(' ');
    const spaced = this.#given > 0 ? ` ${piece}` : piece;
    this.#given = upTo;
    return spaced;
  }
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function same(one: string | undefined, other: string | undefined): boolean {
  return bare(one) === bare(other);
}

function bare(word: string | undefined): string {
  return (word ?? '').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
