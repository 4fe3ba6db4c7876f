import { CaptionAgreement } from './caption-agreement.js';
import { HEARING_RATE_HZ, WINDOW_MS } from './speech-detector.js';

/** PCM16 mono 16 kHz, at most 30 s; resolves with the words, '' for none. */
export type Transcribe = (pcm16k: Uint8Array, signal: AbortSignal) => Promise<string>;

export interface UnderstoodUtterance {
  /** '' when the speech was transcribed and held no words. */
  readonly text: string;
  /** Whether `text` is what was said; otherwise it only says that something was. */
  readonly understood: boolean;
  readonly durationMs: number;
  /** The part of `text` that no caption has given yet. */
  readonly caption: string;
}

export interface HeardUtterance extends UnderstoodUtterance {
  /** The user already speaks again. */
  readonly speakingAgain: boolean;
}

export interface UtteranceOptions {
  readonly transcribe: Transcribe | undefined;
  /** Takes captions while the speech runs; undefined when none are wanted. */
  readonly onCaption?: (piece: string) => void;
}

/** Speech-to-text models of this size take 30 s at once; longer speech is understood in segments. */
const SEGMENT_BYTES = 28 * HEARING_RATE_HZ * 2;
/** How often captions are drafted; more seldom as the speech grows, since each draft reads all of it. */
const CAPTION_EVERY_MS = 1_000;
const MAX_WORDS = 600;

/**
 * One stretch of the user's speech.
 *
 * 1. Words told by a watermark win over transcription; with neither, the text is such as "(speech 1.4 s)".
 * 2. Captions only ever add to each other; with `caption` at the end they give the text.
 * 3. Holds at most one segment of audio (28 s) beside those under transcription, and 600 watermarked words.
 */
export class Utterance {
  readonly #options: UtteranceOptions;
  readonly #abort = new AbortController();
  readonly #captions = new CaptionAgreement();
  readonly #words: string[] = [];
  readonly #segments: Promise<string>[] = [];
  #windows: Uint8Array[] = [];
  #bytes = 0;
  #durationMs = 0;
  #captionDueMs = CAPTION_EVERY_MS;
  #drafting: AbortController | undefined;

  constructor(options: UtteranceOptions) {
    this.#options = options;
  }

  addWindow(window: Uint8Array): void {
    this.#durationMs += WINDOW_MS;
    if (!this.#options.transcribe) return;
    this.#windows.push(window);
    this.#bytes += window.length;
    if (this.#bytes >= SEGMENT_BYTES) this.#closeSegment();
    if (this.#durationMs >= this.#captionDueMs) {
      this.#captionDueMs = this.#durationMs + Math.max(CAPTION_EVERY_MS, this.#durationMs / 4);
      this.#draftCaption();
    }
  }

  addWords(words: string): void {
    if (this.#words.length >= MAX_WORDS) return;
    this.#words.push(words);
    const piece = this.#captions.finish(this.#words.join(' '));
    this.#options.onCaption?.(piece);
  }

  /** The speech is over: what was said. */
  async understand(): Promise<UnderstoodUtterance> {
    this.#drafting?.abort();
    const words = await this.#text();
    const text = words ?? `(speech ${(this.#durationMs / 1000).toFixed(1)} s)`;
    return {
      text,
      understood: words !== undefined,
      durationMs: this.#durationMs,
      caption: this.#options.onCaption ? this.#captions.finish(text) : '',
    };
  }

  cancel(): void {
    this.#abort.abort();
    this.#drafting?.abort();
  }

  async #text(): Promise<string | undefined> {
    if (this.#words.length > 0) return this.#words.join(' ');
    this.#closeSegment();
    if (this.#segments.length === 0) return undefined;
    try {
      const texts = await Promise.all(this.#segments);
      return texts.filter((text) => text !== '').join(' ');
    } catch {
      return undefined;
    }
  }

  #closeSegment(): void {
    const { transcribe } = this.#options;
    if (transcribe && this.#words.length === 0 && this.#bytes > 0) {
      this.#drafting?.abort();
      const text = transcribe(this.#audio(), this.#abort.signal);
      // Looked at in #text; marked as handled here, since that may be long after.
      text.catch(() => undefined);
      this.#segments.push(text);
    }
    this.#windows = [];
    this.#bytes = 0;
  }

  /** Captions while the first segment runs; one transcription at a time, whatever the machine can do. */
  #draftCaption(): void {
    const { transcribe, onCaption } = this.#options;
    if (!transcribe || !onCaption || this.#drafting || this.#words.length > 0 || this.#segments.length > 0) {
      return;
    }
    const drafting = new AbortController();
    this.#drafting = drafting;
    transcribe(this.#audio(), drafting.signal)
      .then((text) => {
        if (drafting.signal.aborted) return;
        const piece = this.#captions.offer(text);
        if (piece !== '') onCaption(piece);
      })
      .catch(() => undefined)
      .finally(() => {
        if (this.#drafting === drafting) this.#drafting = undefined;
      });
  }

  #audio(): Uint8Array {
    const pcm = new Uint8Array(this.#bytes);
    let at = 0;
    for (const window of this.#windows) {
      pcm.set(window, at);
      at += window.length;
    }
    return pcm;
  }
}
