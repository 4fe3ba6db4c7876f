import { FormantVoice } from '../voice/formant-voice.js';
import { markSpeech } from '../voice/marked-speech.js';
import { VOICE_RATE_HZ } from '../voice/voice.js';

export interface SpeechOptions {
  /** Default 16,000. */
  readonly rateHz?: number;
  /** Speakers of other names sound different. */
  readonly speaker?: string;
  /** Silence before and after; default none. */
  readonly leadMs?: number;
  readonly tailMs?: number;
}

/**
 * PCM16 that says `text` to the emulator: it sounds like speech to a voice detector, and the words are hidden in
 * its lowest bits. Any chunking is fine, resampling is not.
 */
export function speech(text: string, options: SpeechOptions = {}): Uint8Array {
  const { rateHz = 16_000, speaker = 'tester', leadMs = 0, tailMs = 0 } = options;
  const { samples, words } = new FormantVoice(speaker).render(text);
  const ratio = VOICE_RATE_HZ / rateHz;
  const resampled = Int16Array.from({ length: Math.floor(samples.length / ratio) }, (_, index) => {
    const at = index * ratio;
    const left = samples[Math.floor(at)] ?? 0;
    const right = samples[Math.floor(at) + 1] ?? left;
    return Math.round(left + (right - left) * (at % 1));
  });
  const placed = words.map((word) => ({ ...word, startSample: Math.floor(word.startSample / ratio) }));
  const marked = markSpeech(resampled, placed, rateHz).samples;
  const spoken = new Uint8Array(marked.buffer, marked.byteOffset, marked.byteLength);
  return Buffer.concat([silence(leadMs, rateHz), spoken, silence(tailMs, rateHz)]);
}

export function silence(durationMs: number, rateHz = 16_000): Uint8Array {
  return new Uint8Array(Math.round((durationMs / 1000) * rateHz) * 2);
}
