import type { Content, FunctionCall, FunctionResponse, Transcription } from './content.js';

/**
 * ADK's Event: everything that happens in a run, for the client, the session store and the observers.
 * Field names and meanings are ADK's (Python `events/event.py`, `models/llm_response.py`); `error` events are
 * ours, because ADK raises instead.
 */
export interface Event {
  readonly id: string;
  /** Counts the events of one run from 1, without gaps; absent on deltas of media, which are numbered in their turn. */
  readonly seq?: number;
  /** `e-<uuid>`; the same for every event of one `runLive`. */
  readonly invocationId: string;
  /** `user` for what the user said, else the name of the agent that speaks; never `model`. */
  readonly author: string;
  /** Integer milliseconds since the epoch; seconds only on the ADK-compatible surface. */
  readonly timestamp: number;
  readonly branch?: string;
  readonly content?: Content;
  /** True: a delta. False: a merged segment. Absent on audio, tool and control events. */
  readonly partial?: boolean;
  readonly turnComplete?: boolean;
  readonly turnCompleteReason?: string;
  readonly interrupted?: boolean;
  readonly inputTranscription?: Transcription;
  readonly outputTranscription?: Transcription;
  readonly usageMetadata?: UsageMetadata;
  readonly groundingMetadata?: Readonly<Record<string, unknown>>;
  readonly citationMetadata?: Readonly<Record<string, unknown>>;
  readonly cacheMetadata?: Readonly<Record<string, unknown>>;
  readonly avgLogprobs?: number;
  readonly logprobsResult?: Readonly<Record<string, unknown>>;
  readonly finishReason?: string;
  readonly interactionId?: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  /** Ours, beside `errorCode`: how far the trouble reaches, and whether it may pass. */
  readonly errorDetails?: ErrorDetails;
  readonly customMetadata?: Readonly<Record<string, unknown>>;
  readonly modelVersion?: string;
  readonly liveSessionId?: string;
  /** `newHandle` is sealed: nobody but the service can open it. Absent where no seal is configured. */
  readonly liveSessionResumptionUpdate?: {
    readonly newHandle?: string;
    readonly resumable?: boolean;
    readonly lastConsumedClientMessageIndex?: string;
  };
  /** Ours: a guardrail said this in place of what it refused; the events named are never told to a model again. */
  readonly blocked?: { readonly eventIds: readonly string[] };
  /** Ours: the model's session was lost or discarded, and a new one took over. */
  readonly liveSessionRestarted?: LiveSessionRestarted;
  readonly voiceActivity?: {
    readonly voiceActivityType: 'ACTIVITY_START' | 'ACTIVITY_END';
    /** Seconds as a proto duration, `"1.5s"`. */
    readonly audioOffset?: string;
  };
  readonly longRunningToolIds?: readonly string[];
  /** Ids of calls that the model took back after the user interrupted (ADK ignores these). */
  readonly cancelledToolCallIds?: readonly string[];
  readonly actions: EventActions;
}

/** What else happened with an event. ADK always writes the first four, empty or not. */
export interface EventActions {
  readonly stateDelta: Readonly<Record<string, unknown>>;
  /** File name → version. */
  readonly artifactDelta: Readonly<Record<string, number>>;
  /** By function call id. */
  readonly requestedAuthConfigs: Readonly<Record<string, unknown>>;
  /** By function call id. */
  readonly requestedToolConfirmations: Readonly<Record<string, ToolConfirmation>>;
  readonly transferToAgent?: string;
  readonly escalate?: boolean;
  readonly skipSummarization?: boolean;
  readonly endOfAgent?: boolean;
  readonly agentState?: Readonly<Record<string, unknown>>;
  readonly rewindBeforeInvocationId?: string;
  readonly compaction?: Readonly<Record<string, unknown>>;
  readonly route?: unknown;
  readonly renderUiWidgets?: readonly unknown[];
  readonly setModelResponse?: unknown;
}

/** Asks a person whether a tool may run, and carries the answer back. [src: adk-python tools/tool_confirmation.py] */
export interface ToolConfirmation {
  /** What to show. */
  readonly hint: string;
  readonly confirmed: boolean;
  readonly payload?: unknown;
}

export interface ErrorDetails {
  readonly scope: 'turn' | 'connection' | 'session';
  readonly retryable: boolean;
  /** Of the model's connection, where one was closed. */
  readonly closeCode?: number;
}

export interface LiveSessionRestarted {
  readonly reason: 'connection_lost' | 'guardrail';
  /** What the new session was told of the old: all of it, its gist, or nothing. */
  readonly seededWith: 'history' | 'summary' | 'nothing';
}

export interface UsageMetadata {
  readonly promptTokenCount?: number;
  /** Output tokens under ADK's name and under the Live API's; always the same number. */
  readonly candidatesTokenCount?: number;
  readonly responseTokenCount?: number;
  readonly totalTokenCount?: number;
  readonly thoughtsTokenCount?: number;
  readonly toolUsePromptTokenCount?: number;
  readonly cachedContentTokenCount?: number;
  readonly cacheTokensDetails?: readonly ModalityTokenCount[];
  readonly toolUsePromptTokensDetails?: readonly ModalityTokenCount[];
  readonly candidatesTokensDetails?: readonly ModalityTokenCount[];
  readonly trafficType?: string;
  readonly promptTokensDetails?: readonly ModalityTokenCount[];
  readonly responseTokensDetails?: readonly ModalityTokenCount[];
}

export interface ModalityTokenCount {
  readonly modality: string;
  readonly tokenCount: number;
}

export const NO_ACTIONS: EventActions = Object.freeze({
  stateDelta: Object.freeze({}),
  artifactDelta: Object.freeze({}),
  requestedAuthConfigs: Object.freeze({}),
  requestedToolConfirmations: Object.freeze({}),
});

export function functionCallsOf(event: Event): readonly FunctionCall[] {
  return event.content?.parts.flatMap((part) => (part.functionCall ? [part.functionCall] : [])) ?? [];
}

export function functionResponsesOf(event: Event): readonly FunctionResponse[] {
  return event.content?.parts.flatMap((part) => (part.functionResponse ? [part.functionResponse] : [])) ?? [];
}

/** The media of an event that carries any, else undefined. */
export function mediaOf(event: Event): { readonly mimeType: string; readonly data: Uint8Array } | undefined {
  return event.content?.parts.find((part) => part.inlineData)?.inlineData;
}

/**
 * Whether a session keeps the event: not a delta, and no media inside.
 * [src: adk-python 2.0 runners.py `_should_append_event`]
 */
export function isDurable(event: Event): boolean {
  if (event.partial === true) return false;
  return !event.content?.parts.some(
    (part) => part.inlineData && /^(audio|video|image)\//.test(part.inlineData.mimeType),
  );
}
