import { withinBounds, type Clock } from '@parley/kernel';
import type { LiveRequest } from '../runner/live-request.js';
import type { ToolCall } from './tool-call.js';

/** A tool that has not stopped by then is left to itself. [src: adk-python live flow] */
export const STOP_WITHIN_MS = 1_000;
/** Calls that may wait for the app's answer; of more than these the oldest is forgotten (its answer still passes). */
const MAX_DEFERRED = 256;

/** The calls that have not ended, by the ids that the model knows them by. */
export class ToolCalls {
  readonly #clock: Clock;
  readonly #byId = new Map<string, ToolCall>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get ids(): readonly string[] {
    return [...this.#byId.keys()];
  }

  get running(): boolean {
    return this.#all().some((call) => call.running);
  }

  find(id: string): ToolCall | undefined {
    return this.#byId.get(id);
  }

  add(call: ToolCall): void {
    for (const id of call.reply.ids) this.#byId.set(id, call);
    const deferred = this.#all().filter((each) => each.deferred);
    if (deferred.length > MAX_DEFERRED) deferred[0]?.cancel();
  }

  /** Another id of a call that is in here. */
  addId(id: string, call: ToolCall): void {
    call.reply.addId(id);
    this.#byId.set(id, call);
  }

  remove(call: ToolCall): void {
    for (const id of call.reply.ids) this.#byId.delete(id);
  }

  /** The model does not want an answer to this id any more. */
  cancel(id: string): void {
    const call = this.#byId.get(id);
    if (!call) return;
    if (call.reply.ids.size === 1) return call.cancel();
    call.reply.removeId(id);
    this.#byId.delete(id);
  }

  cancelAll(): void {
    for (const call of this.#all()) call.cancel();
  }

  hear(request: LiveRequest): void {
    for (const call of this.#all()) call.hear(request);
  }

  /** Ends all runs of a streaming tool. Says what came of it in ADK's words. */
  async stopStreams(name: string): Promise<{ readonly status: string }> {
    const streaming = this.#all().filter((call) => call.call.name === name && call.streams);
    if (streaming.length === 0) return { status: `No active streaming function named ${name} found` };
    const stopped = Promise.all(streaming.map((call) => call.stop()));
    const bounds = {
      clock: this.#clock,
      withinMs: STOP_WITHIN_MS,
      onExpiry: () => new Error('still running'),
    };
    return withinBounds(stopped, bounds).then(
      () => ({ status: `Successfully stopped streaming function ${name}` }),
      () => ({ status: `The task is not cancelled yet for ${name}.` }),
    );
  }

  #all(): readonly ToolCall[] {
    return [...new Set(this.#byId.values())];
  }
}
