/**
 * PCM16: signed 16-bit little-endian mono samples in a `Uint8Array`, which is how all audio moves through
 * Parley. Bytes, not `Int16Array`, because views into network buffers may start at an odd offset.
 */
const BYTES_PER_SAMPLE = 2;
const FULL_SCALE = 32768;

/** How long `byteLength` bytes sound, in milliseconds with a fraction. */
export function pcm16DurationMs(byteLength: number, rateHz: number): number {
  return (byteLength / BYTES_PER_SAMPLE / rateHz) * 1000;
}

/** Bytes of `durationMs` of audio, rounded to whole samples (so always even). */
export function pcm16ByteLength(durationMs: number, rateHz: number): number {
  return Math.round((durationMs / 1000) * rateHz) * BYTES_PER_SAMPLE;
}

/** The sample of two bytes, −32768…32767. */
export function joinSample(low: number, high: number): number {
  return ((low | (high << 8)) << 16) >> 16;
}

/** Sample `index` of `pcm16`; `index` must be inside. */
export function pcm16Sample(pcm16: Uint8Array, index: number): number {
  return joinSample(pcm16[2 * index] ?? 0, pcm16[2 * index + 1] ?? 0);
}

/** Samples in −1…1; a last half sample is left out. `float32ToPcm16` gives the same bytes back. */
export function pcm16ToFloat32(pcm16: Uint8Array): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(pcm16.length >> 1);
  for (let i = 0; i < samples.length; i++) samples[i] = pcm16Sample(pcm16, i) / FULL_SCALE;
  return samples;
}

/** Samples outside −1…1 are clipped; NaN becomes 0. */
export function float32ToPcm16(samples: Float32Array): Uint8Array<ArrayBuffer> {
  const pcm16 = new Uint8Array(samples.length * BYTES_PER_SAMPLE);
  for (let i = 0; i < samples.length; i++) {
    const scaled = Math.round((samples[i] ?? 0) * FULL_SCALE);
    const value = scaled > 32767 ? 32767 : scaled < -32768 ? -32768 : scaled;
    pcm16[2 * i] = value;
    pcm16[2 * i + 1] = value >> 8;
  }
  return pcm16;
}
