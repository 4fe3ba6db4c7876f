import { toParleyError, type CancelTimer, type Clock, type ParleyError } from '@parley/kernel';
import type { PaceTicker } from '../session/pace-ticker.js';
import { splitForSpeech } from './sentences.js';
import { UNIT_SAMPLES, VOICE_RATE_HZ, type SpokenSentence, type Voice } from './voice.js';

export interface SpeechChunk {
  /** PCM16 mono 24 kHz, whole 40 ms units. */
  readonly pcm: Uint8Array;
  readonly durationMs: number;
  /** The words that begin in this chunk, with the space that parts them from those before; '' for none. */
  readonly caption: string;
}

export interface PacedSpeechOptions {
  readonly voice: Voice;
  readonly clock: Clock;
  readonly ticker: PaceTicker;
  /** A multiple of 40. */
  readonly chunkMs: number;
  /** How many times faster than it plays the speech is sent; the first chunk goes at once. */
  readonly speed: number;
  readonly onChunk: (chunk: SpeechChunk) => void;
  /** Everything was sent; `playbackEndMs` is the monotonic time at which the last of it will have been heard. */
  readonly onSent: (playbackEndMs: number) => void;
  readonly onFailed: (error: ParleyError) => void;
}

/** How much lateness of the ticker is made up for. */
const MAX_CATCH_UP_MS = 500;

/**
 * Speaks one text (not an empty one): synthesises it sentence by sentence, at most two ahead of what is being
 * sent, and sends it in chunks faster than real time.
 *
 * 1. Chunks keep their order and follow the pace; when synthesis is late, the pace starts anew at the next chunk.
 * 2. `onSent` or `onFailed` comes once, after the last chunk; after `cancel` nothing comes.
 * 3. The assumed listener plays without a gap from the first chunk on, and waits whenever it has nothing.
 */
export class PacedSpeech {
  readonly #options: PacedSpeechOptions;
  readonly #sentences: string[];
  /** The chunks of each synthesised sentence that are still to be sent. */
  readonly #ready: SpeechChunk[][] = [];
  readonly #abort = new AbortController();
  #synthesising = false;
  #captioned = false;
  #timer: CancelTimer | undefined;
  #nextDueMs = Number.NEGATIVE_INFINITY;
  #playbackEndMs = 0;

  constructor(text: string, options: PacedSpeechOptions) {
    this.#options = options;
    this.#sentences = splitForSpeech(text);
    this.#synthesise();
  }

  cancel(): void {
    this.#abort.abort();
    this.#timer?.();
    this.#timer = undefined;
    this.#ready.length = 0;
    this.#sentences.length = 0;
  }

  #synthesise(): void {
    if (this.#synthesising || this.#ready.length >= 2) return;
    const sentence = this.#sentences.shift();
    if (sentence === undefined) return;
    this.#synthesising = true;
    const { signal } = this.#abort;
    this.#options.voice.speak(sentence, signal).then(
      (spoken) => {
        if (signal.aborted) return;
        this.#synthesising = false;
        this.#ready.push(this.#cut(spoken));
        this.#synthesise();
        this.#pump();
      },
      (error: unknown) => {
        if (signal.aborted) return;
        this.cancel();
        this.#options.onFailed(toParleyError(error));
      },
    );
  }

  #cut({ samples, words }: SpokenSentence): SpeechChunk[] {
    const size = (this.#options.chunkMs / 40) * UNIT_SAMPLES;
    const chunks: SpeechChunk[] = [];
    for (let start = 0; start < samples.length; start += size) {
      const piece = samples.subarray(start, start + size);
      const begun = words.filter((word) => word.startSample >= start && word.startSample < start + size);
      const text = begun.map((word) => word.text).join(' ');
      chunks.push({
        pcm: new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength),
        durationMs: (piece.length * 1000) / VOICE_RATE_HZ,
        caption: text !== '' && this.#captioned ? ` ${text}` : text,
      });
      this.#captioned ||= text !== '';
    }
    return chunks;
  }

  #pump(): void {
    const { clock, ticker, speed, onChunk, onSent } = this.#options;
    while (this.#timer === undefined && !this.#abort.signal.aborted) {
      const nowMs = clock.monotonicMs();
      const chunk = this.#ready[0]?.[0];
      if (!chunk) {
        this.#nextDueMs = nowMs;
        if (!this.#synthesising) {
          this.#abort.abort();
          onSent(Math.max(this.#playbackEndMs, nowMs));
        }
        return;
      }
      if (this.#nextDueMs > nowMs) {
        this.#timer = ticker.at(this.#nextDueMs, () => {
          this.#timer = undefined;
          this.#pump();
        });
        return;
      }
      this.#ready[0]?.shift();
      if (this.#ready[0]?.length === 0) {
        this.#ready.shift();
        this.#synthesise();
      }
      this.#nextDueMs = Math.max(this.#nextDueMs, nowMs - MAX_CATCH_UP_MS) + chunk.durationMs / speed;
      this.#playbackEndMs = Math.max(this.#playbackEndMs, nowMs) + chunk.durationMs;
      onChunk(chunk);
    }
  }
}
