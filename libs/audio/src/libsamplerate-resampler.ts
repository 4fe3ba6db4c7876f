import type { create } from '@alexanderolsen/libsamplerate-js';
import { ParleyError } from '@parley/kernel';
import { float32ToPcm16, pcm16Sample } from './pcm16.js';
import type { Resampler } from './resampler.js';

type Converter = Awaited<ReturnType<typeof create>>;

const BLOCK_SAMPLES = 8192;

/**
 * Opens a resampler between two rates of 4,000 to 192,000 Hz. That takes some 10 ms and 2 MB: keep it and reuse
 * it, one stream after another. Nothing needs closing. Rejects with `unsupported_audio`.
 */
export async function createResampler(fromHz: number, toHz: number): Promise<Resampler> {
  for (const rateHz of [fromHz, toHz]) {
    if (Number.isInteger(rateHz) && rateHz >= 4000 && rateHz <= 192_000) continue;
    throw new ParleyError('unsupported_audio', 'A sample rate must lie between 4,000 and 192,000 Hz.', {
      kind: 'invalid_argument',
      details: { rateHz },
    });
  }
  return fromHz === toHz
    ? { push: (pcm16) => pcm16, flush: () => new Uint8Array(0) }
    : new LibsamplerateResampler(await loadConverter(fromHz, toHz), fromHz, toHz);
}

/** Loads the package on first use: it is 2 MB of code that a browser may never need. */
async function loadConverter(fromHz: number, toHz: number): Promise<Converter> {
  const loaded = await import('@alexanderolsen/libsamplerate-js');
  // A CommonJS package: Node puts its exports under `default`, bundlers may put them beside it.
  const library = 'create' in loaded ? loaded : (loaded as { default: typeof loaded }).default;
  return library.create(1, fromHz, toHz, { converterType: library.ConverterType.SRC_SINC_FASTEST });
}

/**
 * libsamplerate's streaming interface. It keeps the last few milliseconds of input for its filter; they are
 * pushed out with silence at the end, and what that makes beyond the length of the stream is cut off.
 */
class LibsamplerateResampler implements Resampler {
  readonly #converter: Converter;
  readonly #ratio: number;
  readonly #fromHz: number;
  readonly #input = new Float32Array(BLOCK_SAMPLES);
  readonly #output: Float32Array;
  #lowByte = -1;
  #samplesIn = 0;
  #samplesOut = 0;

  constructor(converter: Converter, fromHz: number, toHz: number) {
    this.#converter = converter;
    this.#fromHz = fromHz;
    this.#ratio = toHz / fromHz;
    this.#output = new Float32Array(Math.ceil(BLOCK_SAMPLES * this.#ratio) + 1);
  }

  push(pcm16: Uint8Array): Uint8Array {
    const whole = this.#joinHalfSample(pcm16);
    const count = whole.length >> 1;
    this.#samplesIn += count;
    if (whole.length % 2 === 1) this.#lowByte = whole[whole.length - 1] ?? 0;
    const parts: Uint8Array[] = [];
    for (let at = 0; at < count; at += BLOCK_SAMPLES) {
      const length = Math.min(BLOCK_SAMPLES, count - at);
      for (let i = 0; i < length; i++) this.#input[i] = pcm16Sample(whole, at + i) / 32768;
      parts.push(float32ToPcm16(this.#convert(length)));
    }
    return concat(parts);
  }

  flush(): Uint8Array {
    const samplesExpected = Math.round(this.#samplesIn * this.#ratio);
    const parts: Uint8Array[] = [];
    while (this.#samplesOut < samplesExpected) {
      const missing = samplesExpected - this.#samplesOut;
      this.#input.fill(0);
      const made = this.#convert(BLOCK_SAMPLES / 8);
      parts.push(float32ToPcm16(made.subarray(0, missing)));
    }
    this.#lowByte = -1;
    this.#samplesIn = 0;
    this.#samplesOut = 0;
    this.#converter.inputSampleRate = this.#fromHz; // setting it starts the filter afresh
    return concat(parts);
  }

  /** Converts the first `length` samples of the input block. */
  #convert(length: number): Float32Array {
    const written = { frames: 0 };
    this.#converter.full(this.#input.subarray(0, length), this.#output, written);
    this.#samplesOut += written.frames;
    return this.#output.subarray(0, written.frames);
  }

  #joinHalfSample(pcm16: Uint8Array): Uint8Array {
    if (this.#lowByte < 0 || pcm16.length === 0) return pcm16;
    const joined = new Uint8Array(pcm16.length + 1);
    joined[0] = this.#lowByte;
    joined.set(pcm16, 1);
    this.#lowByte = -1;
    return joined;
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
