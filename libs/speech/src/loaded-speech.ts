import { FliteSynthesizer } from './flite-synthesizer.js';
import { MoonshineTranscriber } from './moonshine-transcriber.js';
import { SileroVad, type SileroMicrophone } from './silero-vad.js';
import type { CapabilityState } from './speech-engine.js';
import type { Capability, ThreadCapabilities, ThreadJob, ThreadResult } from './thread-protocol.js';

/**
 * The speech packages as one thread has them loaded. What could not be loaded is left out, with its reason in
 * `capabilities`; jobs for it fail. Calls of `perform` must not overlap.
 */
export class LoadedSpeech {
  readonly capabilities: ThreadCapabilities;
  readonly #vad: SileroVad | undefined;
  readonly #transcriber: MoonshineTranscriber | undefined;
  readonly #synthesizer: FliteSynthesizer | undefined;
  readonly #microphones = new Map<number, SileroMicrophone>();

  private constructor(
    vad: Loaded<SileroVad> | undefined,
    transcriber: Loaded<MoonshineTranscriber> | undefined,
    synthesizer: Loaded<FliteSynthesizer> | undefined,
  ) {
    this.#vad = vad?.part;
    this.#transcriber = transcriber?.part;
    this.#synthesizer = synthesizer?.part;
    this.capabilities = {
      ...(vad && { vad: vad.state }),
      ...(transcriber && { transcription: transcriber.state }),
      ...(synthesizer && { synthesis: synthesizer.state }),
    };
  }

  /** Loads and warms up; resolves also when nothing could be loaded. */
  static async load(serves: readonly Capability[]): Promise<LoadedSpeech> {
    return new LoadedSpeech(
      serves.includes('vad') ? await attempt('silero-vad-v5', () => SileroVad.load()) : undefined,
      serves.includes('transcription')
        ? await attempt('moonshine-tiny', () => MoonshineTranscriber.load())
        : undefined,
      serves.includes('synthesis') ? await attempt('flite', () => FliteSynthesizer.load()) : undefined,
    );
  }

  async perform(job: ThreadJob, signal: AbortSignal): Promise<ThreadResult> {
    switch (job.kind) {
      case 'transcribe':
        return loaded(this.#transcriber).transcribe(job.pcm16k, signal);
      case 'synthesize':
        return loaded(this.#synthesizer).synthesize(job.text, job.voice, job.rateHz);
      case 'hear':
        return this.#microphone(job.microphone).accept(job.window);
    }
  }

  /** The microphone is gone; should its number come again, it is a new one. */
  forget(microphone: number): void {
    this.#microphones.delete(microphone);
  }

  async release(): Promise<void> {
    this.#microphones.clear();
    await this.#vad?.release();
    await this.#transcriber?.release();
  }

  #microphone(number: number): SileroMicrophone {
    const known = this.#microphones.get(number);
    if (known) return known;
    const opened = loaded(this.#vad).openMicrophone();
    this.#microphones.set(number, opened);
    return opened;
  }
}

interface Loaded<T> {
  readonly part: T | undefined;
  readonly state: CapabilityState;
}

async function attempt<T>(engine: string, load: () => Promise<T>): Promise<Loaded<T>> {
  try {
    return { part: await load(), state: { available: true, engine } };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { part: undefined, state: { available: false, reason: `${engine}: ${reason}` } };
  }
}

function loaded<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('this thread has not loaded what the job needs');
  return part;
}
