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
  /** What `model` (default: `info.model`) can be asked for; decides without a connection. */
  capabilitiesOf(model?: string): LiveModelCapabilities;
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

/** What the runtime has to know of a model to treat it right. */
export interface LiveModelCapabilities {
  /** Whether it answers in text; else `TEXT` runs as `AUDIO`, and the text comes as transcription. */
  readonly textModality: boolean;
  /** Whether functions may be declared NON_BLOCKING and answered in several parts (`willContinue`). */
  readonly asyncTools: boolean;
  /** Whether a function response may say when it is to be spoken. */
  readonly responseScheduling: boolean;
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
  readonly historyConfig?: { readonly initialHistoryInClientContent?: boolean };
  readonly explicitVadSignal?: boolean;
  readonly translationConfig?: Readonly<Record<string, unknown>>;
  readonly avatarConfig?: Readonly<Record<string, unknown>>;
  /** Tools that run at the provider, as the API writes them: `{ googleSearch: {} }`, `{ codeExecution: {} }`. */
  readonly builtInTools?: readonly Readonly<Record<string, unknown>>[];
  /**
   * Earlier conversation. Asked for anew for each model session that starts without a handle, and sent once after
   * the set-up; never together with a handle. Never answered by itself.
   */
  readonly history?: () => readonly Content[];
  /** Waited for before each socket is opened, the first and every other; undefined: go on. */
  readonly mayDial?: () => Promise<void> | undefined;
}

export interface FunctionDeclaration {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments (type object). */
  readonly parametersJsonSchema: Readonly<Record<string, unknown>>;
  readonly behavior?: 'BLOCKING' | 'NON_BLOCKING';
}

/**
 * One conversation with the model, which may live through several sockets: an adapter keeps it alive as it can
 * (resumption, rotation on `goAway`, a new session seeded with history) and ends it only when it can not.
 *
 * 1. Sends are synchronous, in order, and never throw; after the end they do nothing.
 * 2. `listen` is called once; messages that came before are delivered at once, then each as it arrives, in order.
 * 3. `onEnd` is called exactly once, also when `close` was called; after it no message is delivered.
 */
export interface LiveConnection {
  /** Given by the provider, where it gives one. */
  readonly liveSessionId: string | undefined;
  /** Whether it began by taking up the session of the handle that it was opened with. */
  readonly resumed: boolean;
  /** Bytes accepted but not on the wire yet. */
  readonly bufferedBytes: number;
  /**
   * Whether it could be left now, and taken up elsewhere, and nobody would notice: nobody speaks, no call waits for its
   * answer, and the newest handle is of the session as it is.
   */
  readonly safeToLeave: boolean;
  /** How much of the newest audio of the user, in ms, whoever takes the session up would have to hear again. */
  readonly unsettledAudioMs: number;
  /** One turn of the user: triggers an answer on every model, unless `partial` says that more follows. */
  sendContent(content: Content, options?: { readonly partial?: boolean }): void;
  /** A chunk of audio (`audio/pcm;rate=…`) or one image (`image/jpeg` …). */
  sendRealtime(blob: Blob): void;
  sendActivityStart(): void;
  sendActivityEnd(): void;
  sendAudioStreamEnd(): void;
  sendToolResponse(responses: readonly FunctionResponse[]): void;
  /** Asks the model to stop the turn it is in. */
  interrupt(): void;
  listen(listener: LiveConnectionListener): void;
  /**
   * Moves the conversation to a new socket at its next safe point, at the latest within `withinMs`. Never rejects;
   * `ended`: the conversation ended instead.
   */
  rotate(withinMs?: number): Promise<'rotated' | 'ended'>;
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
  readonly interimInputTranscription?: Transcription;
  /** Extended-thinking models: after `turnComplete` work goes on until `IDLE`. */
  readonly interactionStatus?: string;
  readonly sessionResumptionUpdate?: {
    readonly newHandle?: string;
    readonly resumable: boolean;
    readonly lastConsumedClientMessageIndex?: string;
  };
  readonly goAway?: { readonly timeLeftMs: number };
  /** From the adapter: the socket was replaced; the conversation went on. */
  readonly resumed?: { readonly reason: ReplacementReason; readonly gapMs: number };
  /** From the adapter: the model's session was lost, and a new one was told what had been said. */
  readonly restarted?: { readonly seededWith: 'history' | 'summary' | 'nothing' };
  readonly voiceActivity?: {
    readonly type: 'ACTIVITY_START' | 'ACTIVITY_END';
    readonly audioOffsetMs?: number;
  };
}

/** `go_away`: the provider announced it; `lost`: the socket died; `stalled`: it was silent; `congested`: it took no data. */
export type ReplacementReason = 'go_away' | 'lost' | 'stalled' | 'congested' | 'asked';

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
