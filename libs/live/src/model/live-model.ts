import type { ErrorCode } from '@parley/kernel';
import type {
  Blob,
  Content,
  FunctionCall,
  FunctionResponse,
  Part,
  Transcription,
  UsageMetadata,
} from '@parley/event';
import type { RealtimeInputConfig, SpeechConfig, TranscriptionConfig } from '../runner/run-config.js';

/** The model behind a run: opens connections, and says what it is. */
export interface LiveModel {
  readonly info: LiveModelInfo;
  /**
   * Opens one connection and resolves once the model has accepted the set-up. Never hangs: rejects with
   * `ParleyError` (`provider_config`, `provider_quota`, `provider_unavailable`) within the adapter's deadline, or
   * at once when `signal` aborts, and then leaves no socket behind.
   */
  connect(config: LiveConnectConfig, signal?: AbortSignal): Promise<LiveConnection>;
}

export interface LiveModelInfo {
  /** `gemini`, `vertex`, `emulated` … */
  readonly provider: string;
  /** Default model when an agent names none. */
  readonly model: string;
  /** True when nobody's real model answers: shown wherever a session is shown. */
  readonly emulated: boolean;
}

/** What one connection is opened with; fixed for its life. */
export interface LiveConnectConfig {
  readonly model: string;
  readonly systemInstruction?: string;
  readonly responseModalities: readonly ('AUDIO' | 'TEXT')[];
  readonly tools: readonly FunctionDeclaration[];
  readonly speechConfig?: SpeechConfig;
  readonly inputAudioTranscription?: TranscriptionConfig;
  readonly outputAudioTranscription?: TranscriptionConfig;
  readonly realtimeInputConfig?: RealtimeInputConfig;
  readonly proactivity?: { readonly proactiveAudio?: boolean };
  readonly enableAffectiveDialog?: boolean;
  readonly sessionResumption?: { readonly handle?: string; readonly transparent?: boolean };
  readonly contextWindowCompression?: {
    readonly triggerTokens?: number;
    readonly slidingWindow?: { readonly targetTokens?: number };
  };
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly maxOutputTokens?: number;
  readonly seed?: number;
  readonly mediaResolution?: string;
  readonly thinkingConfig?: Readonly<Record<string, unknown>>;
  readonly safetySettings?: readonly Readonly<Record<string, unknown>>[];
  /** Earlier conversation, sent once after the set-up; never together with a resumption handle. */
  readonly history?: readonly Content[];
}

export interface FunctionDeclaration {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments (type object). */
  readonly parametersJsonSchema: Readonly<Record<string, unknown>>;
  readonly behavior?: 'BLOCKING' | 'NON_BLOCKING';
}

/**
 * One connection to the model.
 *
 * 1. Sends are synchronous, in order, and never throw; after the end they do nothing.
 * 2. `listen` is called once; messages that came before are delivered at once, then each as it arrives, in order.
 * 3. `onEnd` is called exactly once, also when `close` was called; after it no message is delivered.
 */
export interface LiveConnection {
  /** Given by the provider, where it gives one. */
  readonly liveSessionId: string | undefined;
  /** Bytes accepted but not on the wire yet. */
  readonly bufferedBytes: number;
  /** One finished turn of the user: triggers an answer on every model. */
  sendContent(content: Content): void;
  /** A chunk of audio (`audio/pcm;rate=…`) or one image (`image/jpeg` …). */
  sendRealtime(blob: Blob): void;
  sendActivityStart(): void;
  sendActivityEnd(): void;
  sendAudioStreamEnd(): void;
  sendToolResponse(responses: readonly FunctionResponse[]): void;
  /** Asks the model to stop the turn it is in. */
  interrupt(): void;
  listen(listener: LiveConnectionListener): void;
  close(): void;
}

export interface LiveConnectionListener {
  onMessage(message: LiveServerMessage): void;
  onEnd(end: LiveConnectionEnd): void;
}

/** One message of the model. Several fields may be set at once; each stands for itself. */
export interface LiveServerMessage {
  /** Parts of the model's turn; audio as `inlineData` with raw bytes. */
  readonly parts?: readonly Part[];
  readonly inputTranscription?: Transcription;
  readonly outputTranscription?: Transcription;
  readonly generationComplete?: boolean;
  readonly turnComplete?: boolean;
  readonly turnCompleteReason?: string;
  readonly interrupted?: boolean;
  readonly waitingForInput?: boolean;
  readonly toolCalls?: readonly FunctionCall[];
  readonly cancelledToolCallIds?: readonly string[];
  readonly usageMetadata?: UsageMetadata;
  readonly groundingMetadata?: Readonly<Record<string, unknown>>;
  readonly sessionResumptionUpdate?: { readonly newHandle?: string; readonly resumable: boolean };
  readonly goAway?: { readonly timeLeftMs: number };
  readonly voiceActivity?: {
    readonly type: 'ACTIVITY_START' | 'ACTIVITY_END';
    readonly audioOffsetMs?: number;
  };
}

/** How a connection ended. */
export type LiveConnectionEnd =
  | { readonly kind: 'client_closed' }
  | {
      /** `retryable`: a new connection may work; `fatal`: the same set-up fails again. */
      readonly kind: 'retryable' | 'fatal';
      readonly errorCode: ErrorCode;
      readonly closeCode: number;
      /** Free of secrets, at most 123 bytes. */
      readonly reason: string;
    };
