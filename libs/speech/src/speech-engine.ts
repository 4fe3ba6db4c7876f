/**
 * Local speech: voice activity, speech to text, text to speech. The packages behind it are optional;
 * `openSpeechEngine` answers what could be loaded and why the rest could not.
 *
 * Failures are `ParleyError`s: `provider_unavailable` for what is not loaded or has just died, `capacity_exhausted`
 * when too much waits. What is aborted rejects at once with the signal's reason and costs no more time.
 */
export interface SpeechEngine {
  readonly capabilities: SpeechCapabilities;
  /** A detector for one microphone. */
  openVad(): SpeechVad;
  /** PCM16 mono 16 kHz little-endian, at most 30 s; resolves with the words, '' for no speech. English. */
  transcribe(pcm16k: Uint8Array, signal?: AbortSignal): Promise<string>;
  /** Speaks one sentence; resolves with PCM16 mono 24 kHz little-endian. */
  synthesize(text: string, voice: string, signal?: AbortSignal): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface SpeechCapabilities {
  readonly vad: CapabilityState;
  readonly transcription: CapabilityState;
  readonly synthesis: CapabilityState;
}

export type CapabilityState =
  | { readonly available: true; readonly engine: string }
  | { readonly available: false; readonly reason: string };

/** Fed 512-sample windows of PCM16 16 kHz (1,024 bytes, 32 ms), in order. */
export interface SpeechVad {
  /** Probability of speech in the window, 0…1. */
  accept(window: Uint8Array): Promise<number>;
  close(): void;
}
