import type { Content, FunctionCall, FunctionResponse, Transcription } from './content.js';

/**
 * ADK's Event: everything that happens in a run, for the client, the session store and the observers.
 * Field names and meanings are ADK's (Python `events/event.py`, `models/llm_response.py`); `error` events are
 * ours, because ADK raises instead.
 */
export interface Event {
  readonly id: string;
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
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly customMetadata?: Readonly<Record<string, unknown>>;
  readonly modelVersion?: string;
  readonly liveSessionId?: string;
  readonly liveSessionResumptionUpdate?: { readonly newHandle?: string; readonly resumable?: boolean };
  readonly longRunningToolIds?: readonly string[];
  /** Ids of calls that the model took back after the user interrupted (ADK ignores these). */
  readonly cancelledToolCallIds?: readonly string[];
  readonly actions: EventActions;
}

export interface EventActions {
  readonly stateDelta: Readonly<Record<string, unknown>>;
  readonly artifactDelta: Readonly<Record<string, number>>;
  readonly transferToAgent?: string;
  readonly escalate?: boolean;
  readonly skipSummarization?: boolean;
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
