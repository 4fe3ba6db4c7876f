import type { ErrorCode } from '@parley/kernel';
import type { CapabilityState, SpeechCapabilities } from './speech-engine.js';

/** What is said between the engine and its threads. Buffers are handed over, never shared. */
export type Capability = keyof SpeechCapabilities;

/** Given to a thread as `workerData`. */
export interface ThreadSetup {
  readonly serves: readonly Capability[];
}

export type ThreadJob =
  /** PCM16 mono 16 kHz; done with a string. */
  | { readonly kind: 'transcribe'; readonly pcm16k: Uint8Array<ArrayBuffer> }
  /** One sentence; done with PCM16 mono at `rateHz`. */
  | { readonly kind: 'synthesize'; readonly text: string; readonly voice: string; readonly rateHz: number }
  /** 512 samples of one microphone at 16 kHz; done with the probability of speech. */
  | { readonly kind: 'hear'; readonly microphone: number; readonly window: Uint8Array<ArrayBuffer> };

export type ThreadResult = string | number | Uint8Array<ArrayBuffer>;

/** To the thread. Jobs and `forget` are worked off in order; `cancel` and `close` overtake them. */
export type ThreadMessage =
  | { readonly kind: 'job'; readonly id: number; readonly job: ThreadJob }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'forget'; readonly microphone: number }
  | { readonly kind: 'close' };

/** From the thread: `ready` once and first, then exactly one report for every job. */
export type ThreadReport =
  | { readonly kind: 'ready'; readonly capabilities: ThreadCapabilities }
  | { readonly kind: 'done'; readonly id: number; readonly result: ThreadResult }
  | {
      readonly kind: 'failed';
      readonly id: number;
      readonly code: ErrorCode;
      readonly message: string;
      readonly retryable: boolean;
      /** For the log: what the packages said, which is never what a user said. */
      readonly cause: string;
    };

/** The state of each capability that the thread serves. */
export type ThreadCapabilities = Partial<Record<Capability, CapabilityState>>;
