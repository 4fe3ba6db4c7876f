import type { SpeechEdge } from '@parley/audio';
import type { SpeechVad } from '@parley/speech';
import type { ActivityDetectionSetup } from '../codec/setup.js';
import { silenceDurationOf, WINDOW_MS, type SpeechDetector } from './speech-detector.js';

const START_ABOVE = { HIGH: 0.5, LOW: 0.7 } as const;
const END_BELOW = 0.35;
/** Three windows, about 100 ms, as Google's default prefix padding. */
const START_WINDOWS = 3;

/**
 * Speech by a neural detector's probabilities.
 *
 * 1. A start is reported after an unbroken run of windows above 0.5 that lasts the prefix padding (96 ms unless
 *    set); it lies at the first of them.
 * 2. An end is reported when windows below 0.35 have lasted the silence duration; it lies at the first of them.
 * 3. A watermarked window counts as certain speech, since synthetic test speech need not sound like speech.
 */
export class NeuralDetector implements SpeechDetector {
  readonly #vad: SpeechVad;
  readonly #startAbove: number;
  readonly #startWindows: number;
  readonly #endWindows: number;
  #window = 0;
  #run = 0;
  #speaking = false;

  constructor(vad: SpeechVad, setup: ActivityDetectionSetup, unsetSilenceMs: number) {
    this.#vad = vad;
    this.#startAbove = START_ABOVE[setup.startSensitivity ?? 'HIGH'];
    this.#startWindows =
      setup.prefixPaddingMs === undefined
        ? START_WINDOWS
        : Math.max(1, Math.round(setup.prefixPaddingMs / WINDOW_MS));
    this.#endWindows = Math.max(1, Math.round(silenceDurationOf(setup, unsetSilenceMs) / WINDOW_MS));
  }

  async push(window: Uint8Array, marked: boolean): Promise<readonly SpeechEdge[]> {
    const heard = await this.#vad.accept(window);
    const probability = marked ? 1 : heard;
    this.#window += 1;
    const counts = this.#speaking ? probability < END_BELOW : probability > this.#startAbove;
    this.#run = counts ? this.#run + 1 : 0;
    if (this.#run < (this.#speaking ? this.#endWindows : this.#startWindows)) return [];
    return [this.#cross()];
  }

  flush(): readonly SpeechEdge[] {
    return this.#speaking ? [this.#cross()] : [];
  }

  close(): void {
    this.#vad.close();
  }

  #cross(): SpeechEdge {
    const edge: SpeechEdge = {
      kind: this.#speaking ? 'end' : 'start',
      atMs: Math.round((this.#window - this.#run) * WINDOW_MS),
    };
    this.#speaking = !this.#speaking;
    this.#run = 0;
    return edge;
  }
}
