import { availableParallelism } from 'node:os';
import { pcm16DurationMs } from '@parley/audio';
import { ParleyError, silentLog, systemClock, type Clock, type Log } from '@parley/kernel';
import { MicrophoneVad } from './microphone-vad.js';
import type { CapabilityState, SpeechCapabilities, SpeechEngine, SpeechVad } from './speech-engine.js';
import { SpeechPool } from './speech-pool.js';
import { SpeechThread } from './speech-thread.js';
import { builtThreadScript } from './thread-script.js';

export interface SpeechEngineOptions {
  /**
   * Threads for transcription and synthesis, 250 to 400 MB each; default: one less than the cores, 1 to 4. Voice
   * activity has a thread of its own beside them, since it must never wait for a transcription.
   */
  readonly threads?: number;
  /** Jobs that may wait for a thread; default 64. */
  readonly maxQueuedJobs?: number;
  /** The built `speech.thread.js`; default: the one in `dist/`. */
  readonly threadScript?: URL;
  readonly clock?: Clock;
  readonly log?: Log;
}

const MAX_DEFAULT_THREADS = 4;
const HEARING_RATE_HZ = 16_000;
const SPEAKING_RATE_HZ = 24_000;
const MAX_TRANSCRIPTION_MS = 30_000;
const MAX_SENTENCE_CHARS = 600;
const NOT_LOADED: CapabilityState = { available: false, reason: 'the speech thread did not start' };

/**
 * Starts the threads and loads and warms up the models, which takes a second or two. Resolves also when some or
 * all of the speech packages are missing: see `capabilities`. Rejects with `invalid_config` only when the thread
 * script is not built. The caller closes the engine.
 */
export async function openSpeechEngine(options: SpeechEngineOptions = {}): Promise<SpeechEngine> {
  const {
    threads = Math.max(1, Math.min(MAX_DEFAULT_THREADS, availableParallelism() - 1)),
    maxQueuedJobs = 64,
    threadScript: script = builtThreadScript(),
    clock = systemClock,
    log = silentLog,
  } = options;
  const pool = new SpeechPool({
    threads,
    maxQueuedJobs,
    script,
    serves: ['transcription', 'synthesis'],
    clock,
    log,
  });
  const vadThread = new SpeechThread({ script, serves: ['vad'], clock, log });
  const [{ vad }, { transcription, synthesis }] = await Promise.all([vadThread.start(), pool.start()]);
  return new LocalSpeechEngine(pool, vadThread, {
    vad: vad ?? NOT_LOADED,
    transcription: transcription ?? NOT_LOADED,
    synthesis: synthesis ?? NOT_LOADED,
  });
}

class LocalSpeechEngine implements SpeechEngine {
  readonly capabilities: SpeechCapabilities;
  readonly #pool: SpeechPool;
  readonly #vadThread: SpeechThread;
  #lastMicrophone = 0;

  constructor(pool: SpeechPool, vadThread: SpeechThread, capabilities: SpeechCapabilities) {
    this.#pool = pool;
    this.#vadThread = vadThread;
    this.capabilities = capabilities;
  }

  openVad(): SpeechVad {
    requireAvailable(this.capabilities.vad);
    this.#lastMicrophone += 1;
    return new MicrophoneVad(this.#vadThread, this.#lastMicrophone);
  }

  async transcribe(pcm16k: Uint8Array, signal?: AbortSignal): Promise<string> {
    requireAvailable(this.capabilities.transcription);
    const durationMs = pcm16DurationMs(pcm16k.length, HEARING_RATE_HZ);
    if (pcm16k.length % 2 !== 0 || durationMs > MAX_TRANSCRIPTION_MS) {
      throw invalid('unsupported_audio', 'Transcription takes whole samples, at most 30 s of them.');
    }
    const copy = new Uint8Array(pcm16k);
    return text(await this.#pool.perform({ kind: 'transcribe', pcm16k: copy }, [copy.buffer], signal));
  }

  async synthesize(sentence: string, voice: string, signal?: AbortSignal): Promise<Uint8Array> {
    requireAvailable(this.capabilities.synthesis);
    if (sentence.length > MAX_SENTENCE_CHARS) {
      throw invalid('invalid_message', `A sentence to speak may have ${MAX_SENTENCE_CHARS} characters.`);
    }
    const job = { kind: 'synthesize', text: sentence, voice, rateHz: SPEAKING_RATE_HZ } as const;
    return audio(await this.#pool.perform(job, [], signal));
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool.close(), this.#vadThread.close()]);
  }
}

function requireAvailable(state: CapabilityState): void {
  if (state.available) return;
  throw new ParleyError('provider_unavailable', 'This kind of local speech is not available.', {
    kind: 'failed_precondition',
    cause: state.reason,
  });
}

function invalid(code: 'unsupported_audio' | 'invalid_message', message: string): ParleyError {
  return new ParleyError(code, message, { kind: 'invalid_argument' });
}

function text(result: unknown): string {
  if (typeof result !== 'string') {
    throw new TypeError('a speech thread answered with something else than text');
  }
  return result;
}

function audio(result: unknown): Uint8Array {
  if (!(result instanceof Uint8Array)) {
    throw new TypeError('a speech thread answered with something else than audio');
  }
  return result;
}
