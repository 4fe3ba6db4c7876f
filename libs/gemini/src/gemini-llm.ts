import type { GenerateContentParameters, GenerateContentResponse } from '@google/genai';
import { systemClock, withinBounds, type Clock } from '@parley/kernel';
import type { Llm, LlmRequest, LlmResponse } from '@parley/live';
import { LlmAggregator } from './llm-aggregator.js';
import { generationCancelled, generationFailed, generationTimedOut } from './llm-errors.js';
import { toSdkRequest } from './llm-request.js';
import { readResponse } from './llm-response.js';
import type { GeminiProvider } from './provider-selection.js';
import { SdkClient } from './sdk-client.js';

const DEFAULT_LLM_MODEL = 'gemini-3.5-flash';

/** These only speak: they take no `generateContent`. */
const LIVE_MODEL = /live|native-audio/;

export interface GeminiLlmOptions {
  readonly provider: GeminiProvider;
  /** For agents that name no model, or a live one. Default: `gemini-3.5-flash`. */
  readonly llmModel?: string;
  readonly clock?: Clock;
  /** The longest wait for an answer, or for the next piece of a streamed one. Default: 120 s. */
  readonly timeoutMs?: number;
}

/**
 * Google's models behind the port `Llm`: `generateContent` and `generateContentStream` of the SDK, on the Gemini API,
 * on Vertex, or as the emulator answers. One for each provider and credential; it keeps nothing between calls but its counters.
 */
export class GeminiLlm implements Llm {
  /** Totals since it was made. Live numbers: read, never written, by whoever measures. */
  readonly counters: { readonly droppedResponseMedia: number };
  readonly #counters = { droppedResponseMedia: 0 };
  readonly #client: SdkClient;
  readonly #onVertex: boolean;
  readonly #llmModel: string;
  readonly #clock: Clock;
  readonly #timeoutMs: number;

  /** Throws `ParleyError` `provider_config` when the provider's selection can't be right. */
  constructor({
    provider,
    llmModel = DEFAULT_LLM_MODEL,
    clock = systemClock,
    timeoutMs = 120_000,
  }: GeminiLlmOptions) {
    this.counters = this.#counters;
    this.#client = new SdkClient(provider);
    this.#onVertex = provider.kind === 'vertex';
    this.#llmModel = llmModel;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  modelFor(asked?: string): string {
    return asked === undefined || LIVE_MODEL.test(asked) ? this.#llmModel : asked;
  }

  async *generateContent(
    request: LlmRequest,
    { stream, signal }: { readonly stream: boolean; readonly signal?: AbortSignal },
  ): AsyncGenerator<LlmResponse, void, undefined> {
    const abort = new AbortController();
    const params = toSdkRequest(request, abort.signal, {
      onVertex: this.#onVertex,
      onDroppedMedia: (count) => (this.#counters.droppedResponseMedia += count),
    });
    const aggregator = new LlmAggregator();
    const inTime = <T>(work: Promise<T>): Promise<T> => this.#inTime(work, signal);
    try {
      if (signal?.aborted) throw generationCancelled();
      const pieces = stream ? await inTime(this.#stream(params)) : this.#once(params);
      for (;;) {
        const next = await inTime(pieces.next());
        if (next.done) break;
        const delta = aggregator.accept(readResponse(next.value));
        if (stream && delta) yield delta;
      }
      yield aggregator.finish();
    } catch (thrown) {
      throw signal?.aborted ? generationCancelled() : generationFailed(thrown);
    } finally {
      // The SDK lets go of the response without closing it.
      abort.abort();
    }
  }

  #stream(params: GenerateContentParameters): Promise<AsyncGenerator<GenerateContentResponse>> {
    return this.#client.models.generateContentStream(params);
  }

  async *#once(params: GenerateContentParameters): AsyncGenerator<GenerateContentResponse> {
    yield await this.#client.models.generateContent(params);
  }

  /** Rejects when the model says nothing for too long, and at once when the caller has gone. */
  #inTime<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return withinBounds(work, {
      clock: this.#clock,
      withinMs: this.#timeoutMs,
      onExpiry: () => generationTimedOut(this.#timeoutMs),
      ...(signal && { signal }),
    });
  }
}
