import { createResampler, type Resampler } from '@parley/audio';
import { samplesOf, WatermarkReader } from '../voice/watermark.js';
import { HEARING_RATE_HZ, WINDOW_MS, WINDOW_SAMPLES } from './speech-detector.js';

/** One step of a microphone's stream, in stream order. */
export type IntakeItem =
  | { readonly kind: 'window'; readonly pcm: Uint8Array; readonly marked: boolean }
  | { readonly kind: 'words'; readonly text: string };

const WINDOW_BYTES = WINDOW_SAMPLES * 2;
const NOTHING = new Uint8Array(0);

/**
 * Turns a client's audio of any rate and chunking into windows of 512 samples at 16 kHz, and reads watermarks
 * on the way in, where the sample bits are still the client's. A chunk may end within a sample. Calls must not
 * overlap.
 */
export class AudioIntake {
  readonly #watermark = new WatermarkReader();
  #resampler: Resampler | undefined;
  #rateHz = HEARING_RATE_HZ;
  #halfSample: Uint8Array = NOTHING;
  #rest: Uint8Array = NOTHING;
  #markedMs = 0;

  /** Rejects with `unsupported_audio` for a rate that can't be converted. */
  async push(bytes: Uint8Array, rateHz: number): Promise<IntakeItem[]> {
    if (rateHz !== this.#rateHz) {
      this.#resampler =
        rateHz === HEARING_RATE_HZ ? undefined : await createResampler(rateHz, HEARING_RATE_HZ);
      this.#rateHz = rateHz;
      this.#halfSample = NOTHING;
    }
    const joined = concat(this.#halfSample, bytes);
    const whole = joined.subarray(0, joined.length & ~1);
    this.#halfSample = joined.slice(whole.length);
    const items: IntakeItem[] = [];
    for (const { text, durationMs } of this.#watermark.accept(samplesOf(whole))) {
      items.push({ kind: 'words', text });
      this.#markedMs = Math.max(this.#markedMs, durationMs);
    }
    items.push(...this.#windows(concat(this.#rest, this.#resampler ? this.#resampler.push(whole) : whole)));
    return items;
  }

  /** The stream pauses: what is left comes out, filled up with silence. */
  flush(): IntakeItem[] {
    const left = concat(this.#rest, this.#resampler?.flush() ?? NOTHING);
    this.#halfSample = NOTHING;
    this.#rest = NOTHING;
    const missing = (WINDOW_BYTES - (left.length % WINDOW_BYTES)) % WINDOW_BYTES;
    return this.#windows(concat(left, new Uint8Array(missing)));
  }

  #windows(pcm: Uint8Array): IntakeItem[] {
    const items: IntakeItem[] = [];
    let at = 0;
    for (; at + WINDOW_BYTES <= pcm.length; at += WINDOW_BYTES) {
      items.push({ kind: 'window', pcm: pcm.slice(at, at + WINDOW_BYTES), marked: this.#markedMs > 0 });
      this.#markedMs = Math.max(0, this.#markedMs - WINDOW_MS);
    }
    this.#rest = pcm.slice(at);
    return items;
  }
}

/** `audio/pcm;rate=24000` → 24000; 16 kHz when nothing is said, undefined for what is not PCM audio. */
export function rateOfMimeType(mimeType: string): number | undefined {
  const match = /^audio\/(?:pcm|l16)(?:\s*;(.*))?$/i.exec(mimeType.trim());
  if (!match) return undefined;
  const rate = /(?:^|;)\s*rate\s*=\s*(\d+)/i.exec(match[1] ?? '');
  const rateHz = rate ? Number(rate[1]) : HEARING_RATE_HZ;
  return rateHz >= 4_000 && rateHz <= 192_000 ? rateHz : undefined;
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  if (second.length === 0) return first;
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
