import { pcm16ByteLength } from '../pcm16.js';

export interface ToneOptions {
  readonly rateHz: number;
  readonly durationMs: number;
  /** Level of the peaks; the level by RMS lies 3 dB lower. */
  readonly peakDbfs: number;
  readonly frequencyHz?: number;
}

/** A sine as PCM16, beginning at a zero crossing. */
export function tone({
  rateHz,
  durationMs,
  peakDbfs,
  frequencyHz = 440,
}: ToneOptions): Uint8Array<ArrayBuffer> {
  const pcm16 = new Uint8Array(pcm16ByteLength(durationMs, rateHz));
  const view = new DataView(pcm16.buffer);
  const peak = 32767 * 10 ** (peakDbfs / 20);
  for (let i = 0; i < pcm16.length / 2; i++) {
    view.setInt16(2 * i, Math.round(peak * Math.sin((2 * Math.PI * frequencyHz * i) / rateHz)), true);
  }
  return pcm16;
}
