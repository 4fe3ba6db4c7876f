import type { ToolConfirmation } from '@parley/event';
import { CallbackContext, type CallbackScope } from '../agent/callback-context.js';
import type { LiveRequest } from '../runner/live-request.js';

export interface ToolScope extends CallbackScope {
  readonly functionCallId: string;
  readonly toolConfirmation?: ToolConfirmation;
  readonly inputStream?: AsyncIterable<LiveRequest>;
}

/** What a tool sets to change the course of the run; it rides on its response event. */
export interface ToolActions {
  transferToAgent?: string;
  escalate?: boolean;
  skipSummarization?: boolean;
  endOfAgent?: boolean;
}

/** ADK's ToolContext: what a running tool may know and change. */
export class ToolContext extends CallbackContext {
  readonly functionCallId: string;
  readonly actions: ToolActions = {};
  /** The person's answer, when the tool asked for one. */
  readonly toolConfirmation: ToolConfirmation | undefined;
  /** What the user sends from the call on (audio, images, text), for tools that asked for it. */
  readonly inputStream: AsyncIterable<LiveRequest> | undefined;
  #asked: { readonly hint: string; readonly payload?: unknown } | undefined;

  constructor(scope: ToolScope) {
    super(scope);
    this.functionCallId = scope.functionCallId;
    this.toolConfirmation = scope.toolConfirmation;
    this.inputStream = scope.inputStream;
  }

  /** Asks a person; the tool is run again with `toolConfirmation` once there is an answer. Its result now is not used. */
  requestConfirmation(asked: { readonly hint: string; readonly payload?: unknown }): void {
    this.#asked = asked;
  }

  get requestedConfirmation(): { readonly hint: string; readonly payload?: unknown } | undefined {
    return this.#asked;
  }
}
