import { pcm16Sample } from './pcm16.js';

/**
 * Loudness of PCM16. 0 dBFS is a square wave at full scale, so a sine at full scale has −3.01 dBFS. Below
 * `SILENCE_DBFS`, the step of one bit, everything counts as silence.
 */
export const SILENCE_DBFS = -96;

const FULL_SCALE_SQUARED = 32768 ** 2;

/** Root mean square level of a chunk; `SILENCE_DBFS` when it is empty. */
export function rmsDbfs(pcm16: Uint8Array): number {
  return meanSquareToDbfs(meanSquare(pcm16));
}

/** Whether a chunk is louder than `thresholdDbfs`. A gate for counting, not a speech detector. */
export function isVoiced(pcm16: Uint8Array, thresholdDbfs: number): boolean {
  return meanSquare(pcm16) > 10 ** (thresholdDbfs / 10) * FULL_SCALE_SQUARED;
}

/** `meanSquare` is in squared sample steps (0…32768²). */
export function meanSquareToDbfs(meanSquare: number): number {
  if (meanSquare <= 0) return SILENCE_DBFS;
  return Math.max(SILENCE_DBFS, 10 * Math.log10(meanSquare / FULL_SCALE_SQUARED));
}

function meanSquare(pcm16: Uint8Array): number {
  const count = pcm16.length >> 1;
  if (count === 0) return 0;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const sample = pcm16Sample(pcm16, i);
    sum += sample * sample;
  }
  return sum / count;
}
