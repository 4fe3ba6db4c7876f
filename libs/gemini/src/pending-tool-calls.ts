import type { FunctionCall, FunctionResponse } from '@parley/event';
import type { ToolBehavior } from './capabilities.js';
import type { AnsweredCall } from './unsaved-results.js';

interface PendingCall extends AnsweredCall {
  newerThanHandle: boolean;
}

/** Calls that nobody will ever answer must not pile up; the oldest is forgotten. */
const MAX_PENDING = 256;
const MAX_CANCELLED = 256;

/**
 * The calls that the model waits for, as far as sockets matter.
 *
 * 1. A call is pending from the model's message until its last response has been sent on, or it was cancelled.
 * 2. When a session is lost, the pending calls that its successor does not know are cancelled; what the tools still
 *    answer to those is recognised, so that it is not sent to a session that never asked.
 * 3. Calls without an id are tracked by their name, and can not be cancelled.
 */
export class PendingToolCalls {
  readonly #behaviorOf: (name: string) => ToolBehavior;
  readonly #pending = new Map<string, PendingCall>();
  readonly #cancelled = new Set<string>();
  #calledSinceHandle = false;

  constructor(behaviorOf: (name: string) => ToolBehavior) {
    this.#behaviorOf = behaviorOf;
  }

  /** Whether the model is silent until a tool answers. */
  get blocking(): boolean {
    return [...this.#pending.values()].some((call) => call.blocking);
  }

  /** Whether an open call is newer than the newest handle. */
  get newerPending(): boolean {
    return [...this.#pending.values()].some((call) => call.newerThanHandle);
  }

  /** Whether there was any call, answered or not, since the newest handle. */
  get calledSinceHandle(): boolean {
    return this.#calledSinceHandle;
  }

  /** The call that `response` answers; undefined when none is pending. */
  answeredBy(response: FunctionResponse): AnsweredCall | undefined {
    return this.#pending.get(keyOf(response));
  }

  called(calls: readonly FunctionCall[]): void {
    for (const call of calls) {
      const blocking = this.#behaviorOf(call.name) === 'BLOCKING';
      this.#pending.set(keyOf(call), { blocking, newerThanHandle: true });
      this.#cancelled.delete(keyOf(call));
      this.#calledSinceHandle = true;
    }
    trim(this.#pending, MAX_PENDING);
  }

  takenBack(ids: readonly string[]): void {
    for (const id of ids) this.#pending.delete(id);
  }

  /** A response to the call went to the model. */
  answered(responses: readonly FunctionResponse[]): void {
    for (const response of responses) {
      if (response.willContinue !== true) this.#pending.delete(keyOf(response));
    }
  }

  handleIssued(): void {
    this.#calledSinceHandle = false;
    for (const call of this.#pending.values()) call.newerThanHandle = false;
  }

  /**
   * The session is gone. Answers the ids of the calls that its successor does not know: those newer than the handle
   * that it resumes with, or all.
   */
  lost(resumed: boolean): readonly string[] {
    const ids: string[] = [];
    for (const [key, call] of this.#pending) {
      if (resumed && !call.newerThanHandle) continue;
      this.#pending.delete(key);
      if (key.startsWith(NAMELESS)) continue;
      this.#cancelled.add(key);
      ids.push(key);
    }
    trim(this.#cancelled, MAX_CANCELLED);
    this.#calledSinceHandle = false;
    return ids;
  }

  /** Those of `responses` that the model's session asked for. */
  wanted(responses: readonly FunctionResponse[]): readonly FunctionResponse[] {
    return responses.filter((response) => !this.#cancelled.has(keyOf(response)));
  }
}

const NAMELESS = '\u0000';

function keyOf({ id, name }: { readonly id: string; readonly name: string }): string {
  return id || NAMELESS + name;
}

function trim(
  keyed: { readonly size: number; keys(): Iterator<string>; delete(key: string): boolean },
  most: number,
): void {
  while (keyed.size > most) {
    const oldest = keyed.keys().next();
    if (oldest.done) return;
    keyed.delete(oldest.value);
  }
}
