/** PCM16 mono at 24 kHz, what Gemini Live speaks in. */
export const VOICE_RATE_HZ = 24_000;

/** Audio is cut in multiples of 40 ms: 1,920 bytes, one token, and whole base64 groups without padding. */
export const UNIT_SAMPLES = 960;

export interface SpokenSentence {
  /** PCM16 at 24 kHz; from a `Voice` a multiple of 40 ms long and watermarked with its words. */
  readonly samples: Int16Array;
  readonly words: readonly SpokenWord[];
}

export interface SpokenWord {
  readonly text: string;
  readonly startSample: number;
}

/** Speaks one sentence at a time. */
export interface Voice {
  speak(sentence: string, signal: AbortSignal): Promise<SpokenSentence>;
}

/** The voice of each prebuilt voice name; undefined is the model's default voice. */
export type VoiceBank = (voiceName: string | undefined) => Voice;
