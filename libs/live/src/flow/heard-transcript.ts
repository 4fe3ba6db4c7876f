import { wordBorderBefore } from './word-border.js';

/** Nobody speaks faster; bounds what is taken for said where nothing is known of the pace yet. */
const MAX_CHARS_PER_MS = 25 / 1000;
const MAX_MARKS = 1_024;

/** A fragment of the transcription that came when `audioMs` of audio had come: the characters `from`…`to`. */
interface Mark {
  readonly audioMs: number;
  readonly from: number;
  readonly to: number;
}

/** At `audioMs` of audio, `chars` characters of the text have been said. Both rise from point to point. */
interface Point {
  readonly audioMs: number;
  readonly chars: number;
}

/**
 * Which words of one turn of the model stand where in its audio, guessed from the order in which audio and
 * transcription came: nothing else says it, and the two are not in step.
 *
 * 1. Text that comes before any audio runs ahead: a fragment is said after the audio that came before it. Otherwise
 *    it runs behind: a fragment is said by the time it comes. Between two fragments the pace is even.
 * 2. Once the turn is `complete`, all of the text is said by the end of all of the audio.
 * 3. `cut` never tears a word.
 */
export class HeardTranscript {
  #text = '';
  #audioMs = 0;
  #marks: Mark[] = [];
  /** Where the finished transcripts of the turn begin. */
  readonly #segments = [0];
  #complete = false;

  /** Audio of the model that came, in milliseconds. */
  audio(durationMs: number): void {
    this.#audioMs += durationMs;
  }

  /** A fragment of the transcription that came. */
  text(fragment: string): void {
    if (fragment === '') return;
    const from = this.#text.length;
    this.#text += fragment;
    const last = this.#marks.at(-1);
    if (last?.audioMs === this.#audioMs)
      this.#marks[this.#marks.length - 1] = { ...last, to: this.#text.length };
    else this.#marks.push({ audioMs: this.#audioMs, from, to: this.#text.length });
    if (this.#marks.length > MAX_MARKS) this.#marks = joinPairs(this.#marks);
  }

  /** What came since the last call is one finished transcript; answers its number, from 0. */
  endSegment(): number {
    return this.#segments.push(this.#text.length) - 2;
  }

  /** No more audio will come for the text that is there (the model's `generationComplete`). */
  complete(): void {
    this.#complete = true;
  }

  /** What was said of a segment (by default: of the whole turn) in the turn's first `playedMs` of audio. */
  cut(playedMs: number, segment?: number): string {
    const end = wordBorderBefore(this.#text, this.#charsAt(playedMs));
    const from = segment === undefined ? 0 : (this.#segments[segment] ?? this.#text.length);
    const to = segment === undefined ? end : Math.min(end, this.#segments[segment + 1] ?? end);
    return this.#text.slice(from, Math.max(from, to)).trim();
  }

  #charsAt(playedMs: number): number {
    const points = this.#points();
    const after = points.find((point) => point.audioMs > playedMs);
    const before = points.findLast((point) => point.audioMs <= playedMs);
    if (!after || !before) return before?.chars ?? 0;
    const share = (playedMs - before.audioMs) / (after.audioMs - before.audioMs);
    return before.chars + share * (after.chars - before.chars);
  }

  #points(): readonly Point[] {
    const runsAhead = this.#marks[0]?.audioMs === 0;
    const points: Point[] = [{ audioMs: 0, chars: 0 }];
    for (const { audioMs, from, to } of this.#marks) {
      if (audioMs > 0 && audioMs < this.#audioMs) points.push({ audioMs, chars: runsAhead ? from : to });
    }
    const last = points.at(-1);
    if (!last || this.#audioMs === 0) return points;
    const open = runsAhead && !this.#complete;
    const chars = open ? Math.min(this.#text.length, this.#furthest(last)) : this.#text.length;
    return [...points, { audioMs: this.#audioMs, chars }];
  }

  /** How far the text can be said by the end of the audio there is, going on from `last`. */
  #furthest({ audioMs, chars }: Point): number {
    return chars + (this.#audioMs - audioMs) * (audioMs > 0 ? chars / audioMs : MAX_CHARS_PER_MS);
  }
}

function joinPairs(marks: readonly Mark[]): Mark[] {
  return marks.flatMap((mark, at) => {
    if (at % 2 === 1) return [];
    return [{ ...mark, to: marks[at + 1]?.to ?? mark.to }];
  });
}
