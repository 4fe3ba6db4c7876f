import { encodeBase64 } from '@parley/kernel';
import { VOICE_RATE_HZ } from './voice.js';

const TONE_HZ = 220;
const AMPLITUDE = 6_000;

/** PCM16 at 24 kHz of a plain tone, in base64: audio of an exact length, where words don't matter. */
export function toneBase64(durationMs: number): string {
  const samples = Int16Array.from({ length: Math.round((durationMs * VOICE_RATE_HZ) / 1000) }, (_, index) =>
    Math.round(AMPLITUDE * Math.sin((2 * Math.PI * TONE_HZ * index) / VOICE_RATE_HZ)),
  );
  return encodeBase64(new Uint8Array(samples.buffer));
}
