import { pcm16ToFloat32 } from '@parley/audio';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { loadOnnx, openOnnxModel, type Onnx } from './onnx.js';
import { packageFile } from './package-file.js';
import { speechSpan } from './speech-span.js';

const RATE_HZ = 16_000;
const START_TOKEN = 1;
const END_TOKEN = 2;
/** The model's makers cap it at 6.5 tokens a second of audio, against repeating itself without end. */
const TOKENS_PER_SECOND = 6.5;
const MIN_TOKENS = 8;
/** 100 ms. The model can't take in less than its filters are long, and there is no word in it. */
const MIN_BYTES = 3200;
/** The empty cache of the tiny model: batch 0, 8 heads, one step, 36 numbers. */
const NO_PAST_SHAPE = [0, 8, 1, 36];
/** An arena would keep the memory of the longest clip for good, and gains nothing on one long computation. */
const ENCODER_OPTIONS = { enableCpuMemArena: false };
/**
 * Unpacks the token table (int8) once at loading instead of at every step: 40 MB more for half the time a step.
 */
const DECODER_OPTIONS = { extra: { session: { disable_quant_qdq: '1' } } };

type Decode = (tokens: number[]) => string;

/**
 * Moonshine "tiny" (English, int8), the model that the package @moonshine-ai/moonshine-js brings along: an
 * encoder, and a decoder that makes one token a step and hands its key-value cache on to the next.
 */
export class MoonshineTranscriber {
  readonly #onnx: Onnx;
  readonly #encoder: InferenceSession;
  readonly #decoder: InferenceSession;
  readonly #decode: Decode;
  /** Outputs that a later step needs: the encoder's part of the cache is computed by the first step only. */
  readonly #laterOutputs: readonly string[];

  private constructor(onnx: Onnx, encoder: InferenceSession, decoder: InferenceSession, decode: Decode) {
    this.#onnx = onnx;
    this.#encoder = encoder;
    this.#decoder = decoder;
    this.#decode = decode;
    this.#laterOutputs = decoder.outputNames.filter((name) => !name.includes('.encoder.'));
  }

  static async load(): Promise<MoonshineTranscriber> {
    const onnx = await loadOnnx();
    const { default: tokenizer } = await import('llama-tokenizer-js');
    const model = (part: string): string =>
      packageFile('@moonshine-ai/moonshine-js', 'dist', 'model', 'tiny', 'quantized', `${part}.onnx`);
    const moonshine = new MoonshineTranscriber(
      onnx,
      await openOnnxModel(onnx, model('encoder_model'), ENCODER_OPTIONS),
      await openOnnxModel(onnx, model('decoder_model_merged'), DECODER_OPTIONS),
      (tokens) => tokenizer.decode(tokens),
    );
    await moonshine.#tokens(Float32Array.from({ length: RATE_HZ }, (_, i) => 0.1 * Math.sin(i / 5)));
    return moonshine;
  }

  /** The words in PCM16 16 kHz, '' for no speech. */
  async transcribe(pcm16k: Uint8Array, signal?: AbortSignal): Promise<string> {
    const spoken = speechSpan(pcm16k);
    if (spoken.length < MIN_BYTES) return '';
    return modernSpelling(this.#decode(await this.#tokens(pcm16ToFloat32(spoken), signal)).trim());
  }

  async release(): Promise<void> {
    await this.#encoder.release();
    await this.#decoder.release();
  }

  async #tokens(samples: Float32Array, signal?: AbortSignal): Promise<number[]> {
    const { Tensor } = this.#onnx;
    const { last_hidden_state: heard } = await this.#encoder.run({
      input_values: new Tensor('float32', samples, [1, samples.length]),
    });
    if (!heard) throw new Error('the encoder of Moonshine answers in another form');
    const tokens = [START_TOKEN];
    const maxTokens = Math.max(MIN_TOKENS, Math.ceil((samples.length / RATE_HZ) * TOKENS_PER_SECOND));
    const past = this.#noPast();
    for (let step = 0; step < maxTokens; step++) {
      signal?.throwIfAborted();
      const feeds = {
        input_ids: new Tensor('int64', BigInt64Array.of(BigInt(tokens.at(-1) ?? START_TOKEN)), [1, 1]),
        encoder_hidden_states: heard,
        use_cache_branch: new Tensor('bool', [step > 0]),
        ...past,
      };
      const output = await this.#decoder.run(
        feeds,
        step === 0 ? this.#decoder.outputNames : this.#laterOutputs,
      );
      const token = mostLikely(output['logits']);
      if (token === END_TOKEN) break;
      tokens.push(token);
      for (const [name, value] of Object.entries(output)) {
        if (name.startsWith('present')) past[name.replace('present', 'past_key_values')] = value;
      }
    }
    return tokens;
  }

  #noPast(): Record<string, Tensor> {
    const past: Record<string, Tensor> = {};
    for (const name of this.#decoder.inputNames) {
      if (!name.startsWith('past_key_values')) continue;
      past[name] = new this.#onnx.Tensor('float32', new Float32Array(0), NO_PAST_SHAPE);
    }
    return past;
  }
}

function mostLikely(logits: Tensor | undefined): number {
  const scores = logits?.data;
  if (!(scores instanceof Float32Array)) throw new Error('the decoder of Moonshine answers in another form');
  let best = 0;
  let bestScore = -Infinity;
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] ?? -Infinity;
    if (score > bestScore) {
      best = i;
      bestScore = score;
    }
  }
  return best;
}

/** The model learnt some of its spelling from old books: "to-morrow". */
function modernSpelling(text: string): string {
  return text.replace(/\b(to)-(day|night|morrow)\b/gi, '$1$2');
}
