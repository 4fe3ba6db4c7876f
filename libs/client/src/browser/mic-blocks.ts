export interface MicBlocksOptions {
  readonly inputRate: number;
  readonly outputRate: number;
  readonly blockSamples: number;
}

/**
 * Makes equal blocks of PCM16 out of the sound card's float samples, resampled where the browser cannot do it
 * (Firefox gives a microphone only its own rate): a windowed sinc that cuts at the lower of both Nyquist rates.
 * `emit` gets a new array each time. At most one block and the filter's width wait inside.
 *
 * This function also runs in an AudioWorklet, made from its own source text: it must not use anything that is
 * declared outside of it.
 */
export function createMicBlocks(
  options: MicBlocksOptions,
  emit: (block: Int16Array) => void,
): (samples: Float32Array) => void {
  const step = options.inputRate / options.outputRate;
  const lobes = 8;
  const half = step === 1 ? 0 : Math.ceil(lobes * Math.max(1, step));
  let input = new Float32Array(half);
  /** Where in `input` the next output sample lies; `half` zeros stand before the first sample. */
  let position = half;
  let block = new Int16Array(options.blockSamples);
  let filled = 0;

  const kernel = (distance: number): number => {
    const x = distance / Math.max(1, step);
    if (Math.abs(x) >= lobes) return 0;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    return (sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / lobes))) / Math.max(1, step);
  };

  const sampleAt = (center: number): number => {
    if (half === 0) return input[center] ?? 0;
    let sum = 0;
    for (let i = Math.ceil(center - half); i <= center + half; i++)
      sum += (input[i] ?? 0) * kernel(center - i);
    return sum;
  };

  const put = (value: number): void => {
    block[filled] = Math.round(Math.max(-1, Math.min(1, value)) * 32767);
    filled += 1;
    if (filled < block.length) return;
    emit(block);
    block = new Int16Array(options.blockSamples);
    filled = 0;
  };

  return (samples) => {
    const joined = new Float32Array(input.length + samples.length);
    joined.set(input);
    joined.set(samples, input.length);
    input = joined;
    while (position + half < input.length) {
      put(sampleAt(position));
      position += step;
    }
    const spent = Math.max(0, Math.floor(position) - half);
    input = input.slice(spent);
    position -= spent;
  };
}
