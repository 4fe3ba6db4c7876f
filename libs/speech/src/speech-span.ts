import { rmsDbfs } from '@parley/audio';

/** 20 ms at 16 kHz. */
const FRAME_BYTES = 640;
/** 100 ms on either side. */
const MARGIN_BYTES = 5 * FRAME_BYTES;
const GATE_DBFS = -60;
const BELOW_LOUDEST_DB = 30;

/**
 * The part of PCM16 16 kHz from its first to its last sound, with a margin of 100 ms; empty when all of it is
 * silent. A frame sounds when it is louder than −60 dBFS and at most 30 dB below the loudest one. The recogniser
 * needs this: around one short word it takes a second of silence to mean that nothing was said.
 */
export function speechSpan(pcm16k: Uint8Array): Uint8Array {
  const levels: number[] = [];
  for (let at = 0; at < pcm16k.length; at += FRAME_BYTES) {
    levels.push(rmsDbfs(pcm16k.subarray(at, at + FRAME_BYTES)));
  }
  const loudest = levels.reduce((most, level) => Math.max(most, level), -Infinity);
  const threshold = Math.max(GATE_DBFS, loudest - BELOW_LOUDEST_DB);
  const sounds = (level: number): boolean => level > threshold;
  const first = levels.findIndex(sounds);
  if (first < 0) return pcm16k.subarray(0, 0);
  const end = (levels.findLastIndex(sounds) + 1) * FRAME_BYTES;
  return pcm16k.subarray(Math.max(0, first * FRAME_BYTES - MARGIN_BYTES), end + MARGIN_BYTES);
}
