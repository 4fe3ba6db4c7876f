import type { Event } from '@parley/event';
import type { HeardMarks } from './heard-marks.js';
import { HeardTranscript } from './heard-transcript.js';

type Patch = Partial<Event>;

/** How long a client may take to say how far it had played when it was interrupted. */
const MARK_DEADLINE_MS = 500;

/**
 * What the session keeps of what the model said: what the user heard of it. A model speaks faster than it is played,
 * so a finished transcript is only believed when its turn is over.
 *
 * 1. What is kept waits for the turn's end. After an interruption it says so, and where the client reports its
 *    playback it is cut to what had been played; where it does not, the whole transcript is kept.
 * 2. Every promise given settles: at the turn's end, or with `close`.
 */
export class TurnRecord {
  readonly #marks: HeardMarks;
  #heard = new HeardTranscript();
  #kept: { readonly segment: number; readonly resolve: (patch: Patch | Promise<Patch>) => void }[] = [];

  constructor(marks: HeardMarks) {
    this.#marks = marks;
  }

  audio(ms: number): void {
    this.#heard.audio(ms);
  }

  text(fragment: string): void {
    this.#heard.text(fragment);
  }

  /** The model has generated all of the turn; it may still be playing. */
  generated(): void {
    this.#heard.complete();
  }

  /** How the transcript that has just been finished is stored. */
  kept(): Promise<Patch> {
    const segment = this.#heard.endSegment();
    return new Promise((resolve) => this.#kept.push({ segment, resolve }));
  }

  /** The turn ended as the model meant it to. */
  completed(): void {
    this.#end(() => ({}));
  }

  /** The user cut `turn` off. */
  interrupted(turn: number): void {
    const deadlineMs = this.#marks.reporting ? MARK_DEADLINE_MS : 0;
    const played = this.#kept.length > 0 ? this.#marks.awaitMark(turn, deadlineMs) : undefined;
    const heard = this.#heard;
    this.#end(async (segment) => {
      const playedMs = await played;
      if (playedMs === undefined) return { interrupted: true };
      const text = heard.cut(playedMs, segment);
      return { interrupted: true, outputTranscription: { text, finished: true } };
    });
  }

  /** The agent leaves the line; the user did in the middle of `hungUpIn`, if that is a turn. */
  close(hungUpIn?: number): void {
    if (hungUpIn !== undefined && this.#marks.reporting) this.interrupted(hungUpIn);
    else this.#end(() => ({}));
  }

  #end(patchOf: (segment: number) => Patch | Promise<Patch>): void {
    for (const { segment, resolve } of this.#kept) resolve(patchOf(segment));
    this.#kept = [];
    this.#heard = new HeardTranscript();
  }
}
