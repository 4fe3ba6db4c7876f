import { rmsDbfs } from '@parley/audio';
import { ParleyError } from '@parley/kernel';
import type { CapabilityState, SpeechCapabilities, SpeechEngine, SpeechVad } from '@parley/speech';
import { FormantVoice } from '../voice/formant-voice.js';

export interface FakeSpeechEngineOptions {
  /** What was said, from the audio; default: nothing. */
  readonly transcribe?: (pcm16k: Uint8Array) => string | Promise<string>;
  readonly unavailable?: readonly (keyof SpeechCapabilities)[];
  /** Makes synthesis of a sentence fail. */
  readonly failsOn?: (sentence: string) => boolean;
}

/** A speech engine without packages: hears by loudness, understands what it is told to, speaks in formants. */
export class FakeSpeechEngine implements SpeechEngine {
  readonly capabilities: SpeechCapabilities;
  readonly synthesized: string[] = [];
  readonly #options: FakeSpeechEngineOptions;

  constructor(options: FakeSpeechEngineOptions = {}) {
    this.#options = options;
    const state = (name: keyof SpeechCapabilities): CapabilityState =>
      options.unavailable?.includes(name)
        ? { available: false, reason: 'left out by the test' }
        : { available: true, engine: 'fake' };
    this.capabilities = {
      vad: state('vad'),
      transcription: state('transcription'),
      synthesis: state('synthesis'),
    };
  }

  openVad(): SpeechVad {
    return {
      accept: (window) => Promise.resolve(rmsDbfs(window) > -45 ? 0.9 : 0.05),
      close: () => undefined,
    };
  }

  async transcribe(pcm16k: Uint8Array, signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted();
    return this.#options.transcribe?.(pcm16k) ?? '';
  }

  synthesize(text: string, voice: string): Promise<Uint8Array> {
    this.synthesized.push(text);
    if (this.#options.failsOn?.(text)) {
      return Promise.reject(new ParleyError('internal', 'The fake engine was told to fail.'));
    }
    const { samples } = new FormantVoice(voice).render(text);
    return Promise.resolve(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
