import type { Part } from '@parley/event';
import type { Llm, LlmRequest, LlmResponse } from '../model/llm.js';

/** One call of the model: responses in order, an error to throw, or a wait that only the signal ends. */
export type ScriptedAnswer = readonly LlmResponse[] | Error | 'hang';

/** A unary model that answers each call with the next of its answers, and remembers what it was asked. */
export class ScriptedLlm implements Llm {
  readonly requests: LlmRequest[] = [];
  readonly streamed: boolean[] = [];
  /** Signals of the calls that it was made to hang in. */
  readonly hanging: AbortSignal[] = [];
  readonly #answers: (ScriptedAnswer | ((request: LlmRequest) => ScriptedAnswer))[];

  constructor(...answers: (ScriptedAnswer | ((request: LlmRequest) => ScriptedAnswer))[]) {
    this.#answers = answers;
  }

  modelFor(asked?: string): string {
    return asked ?? 'scripted-llm';
  }

  async *generateContent(
    request: LlmRequest,
    { stream, signal }: { readonly stream: boolean; readonly signal?: AbortSignal },
  ): AsyncGenerator<LlmResponse, void, undefined> {
    this.requests.push(request);
    this.streamed.push(stream);
    const next = this.#answers.shift();
    const answer = typeof next === 'function' ? next(request) : next;
    if (answer === undefined) throw new Error('The script has no answer left.');
    if (answer instanceof Error) throw answer;
    if (answer === 'hang') return this.#hang(signal);
    yield* answer;
  }

  async #hang(signal: AbortSignal | undefined): Promise<never> {
    if (signal) this.hanging.push(signal);
    return new Promise(() => undefined);
  }
}

/** The whole of what a model says. */
export function says(text: string, more: Partial<LlmResponse> = {}): LlmResponse {
  return { content: { role: 'model', parts: [{ text }] }, partial: false, ...more };
}

/** A delta. */
export function delta(text: string): LlmResponse {
  return { content: { role: 'model', parts: [{ text }] }, partial: true };
}

/** A call of one tool, or of several. */
export function calls(
  ...called: readonly (readonly [id: string, name: string, args?: Record<string, unknown>])[]
): LlmResponse {
  const parts = called.map(([id, name, args = {}]): Part => ({ functionCall: { id, name, args } }));
  return { content: { role: 'model', parts }, partial: false };
}
