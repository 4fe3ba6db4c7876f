import { ParleyError } from '@parley/kernel';
import type { SpeechVad } from './speech-engine.js';
import type { SpeechThread } from './speech-thread.js';

const WINDOW_BYTES = 1024;
/** A second of audio: whoever feeds faster than the thread hears must wait. */
const MAX_WAITING = 32;

/**
 * One microphone of the voice activity thread, which keeps what the model remembers of it. When the thread is
 * started again, the microphone begins anew.
 */
export class MicrophoneVad implements SpeechVad {
  readonly #thread: SpeechThread;
  readonly #microphone: number;
  #waiting = 0;
  #closed = false;

  constructor(thread: SpeechThread, microphone: number) {
    this.#thread = thread;
    this.#microphone = microphone;
  }

  async accept(window: Uint8Array): Promise<number> {
    if (this.#closed) throw refusal('provider_unavailable', 'This microphone is closed.');
    if (window.length !== WINDOW_BYTES) {
      throw refusal('unsupported_audio', 'Voice activity is found in windows of 512 samples.');
    }
    if (this.#waiting >= MAX_WAITING) throw refusal('capacity_exhausted', 'This microphone is fed too fast.');
    const copy = new Uint8Array(window);
    this.#waiting += 1;
    try {
      const job = { kind: 'hear', microphone: this.#microphone, window: copy } as const;
      return Number(await this.#thread.perform(job, [copy.buffer]));
    } finally {
      this.#waiting -= 1;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#thread.forget(this.#microphone);
  }
}

function refusal(
  code: 'provider_unavailable' | 'unsupported_audio' | 'capacity_exhausted',
  message: string,
): ParleyError {
  const kind = code === 'capacity_exhausted' ? 'resource_exhausted' : 'failed_precondition';
  return new ParleyError(code, message, { kind });
}
