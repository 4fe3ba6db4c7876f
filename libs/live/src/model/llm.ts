import type { Content, UsageMetadata } from '@parley/event';
import type { FunctionDeclaration } from './live-model.js';

/** ADK's LlmRequest: what a model is about to be asked. In live, `contents` is what the user just said or typed. */
export interface LlmRequest {
  readonly model: string;
  readonly contents: readonly Content[];
  readonly systemInstruction?: string;
  readonly tools?: readonly FunctionDeclaration[];
  readonly builtInTools?: readonly Readonly<Record<string, unknown>>[];
  /** Generation parameters under the API's names (`temperature`, `maxOutputTokens`, `safetySettings` …). */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** ADK's LlmResponse: what a model said, or what a callback says in its place. */
export interface LlmResponse {
  readonly content?: Content;
  /** True: a delta of what will come whole. */
  readonly partial?: boolean;
  readonly turnComplete?: boolean;
  readonly finishReason?: string;
  readonly usageMetadata?: UsageMetadata;
  readonly groundingMetadata?: Readonly<Record<string, unknown>>;
  readonly citationMetadata?: Readonly<Record<string, unknown>>;
  readonly modelVersion?: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly customMetadata?: Readonly<Record<string, unknown>>;
}

/** The unary side of a model (ADK's BaseLlm), for `runAsync`: text in, text out, no live connection. */
export interface Llm {
  /** The model that answers for an agent that names `asked`, or none: a live model can not answer here. */
  modelFor(asked?: string): string;
  /**
   * With `stream`: deltas (`partial: true`, words only), then the whole (`partial: false`, the calls with it); else
   * the whole alone. Thoughts and answer are parts of their own. Usage counts up: the last of a call is the call's.
   * A model that would not answer is an `errorCode` of its own (`SAFETY`, `MAX_TOKENS` …). Throws `ParleyError`
   * (`provider_*`), at once when `signal` aborts. Calls that came without an id have the id ''.
   */
  generateContent(
    request: LlmRequest,
    options: { readonly stream: boolean; readonly signal?: AbortSignal },
  ): AsyncGenerator<LlmResponse, void, undefined>;
}
