import type { FunctionResponse } from '../codec/client-message.js';
import type { FunctionBehavior } from '../codec/function-declaration.js';
import type { FunctionCall } from '../codec/server-message.js';

export interface PendingCall extends FunctionCall {
  readonly behavior: FunctionBehavior;
}

/**
 * Calls that were sent and not finally answered.
 *
 * 1. An id leaves by its final response or by cancellation, once; what comes later for it matches nothing.
 * 2. A response without an id (Vertex) answers the oldest pending call of its name.
 */
export class PendingCalls {
  readonly #calls: Map<string, PendingCall>;

  constructor(restored: readonly PendingCall[] = []) {
    this.#calls = new Map(restored.map((call) => [call.id, call]));
  }

  get all(): readonly PendingCall[] {
    return [...this.#calls.values()];
  }

  get size(): number {
    return this.#calls.size;
  }

  add(call: PendingCall): void {
    this.#calls.set(call.id, call);
  }

  /** Whether the model still waits for a blocking call. */
  get blocked(): boolean {
    return [...this.#calls.values()].some((call) => call.behavior === 'BLOCKING');
  }

  /** The call that `response` answers; it stays pending when more is announced for a non-blocking one. */
  take(response: FunctionResponse): PendingCall | undefined {
    const call =
      response.id === ''
        ? [...this.#calls.values()].find((each) => each.name === response.name)
        : this.#calls.get(response.id);
    if (call && !(response.willContinue && call.behavior === 'NON_BLOCKING')) this.#calls.delete(call.id);
    return call;
  }

  /** Gives up the blocking calls and answers their ids. */
  cancelBlocking(): string[] {
    const ids = [...this.#calls.values()]
      .filter((call) => call.behavior === 'BLOCKING')
      .map((call) => call.id);
    for (const id of ids) this.#calls.delete(id);
    return ids;
  }
}
