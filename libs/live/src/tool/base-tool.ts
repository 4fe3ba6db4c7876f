import type { FunctionResponseScheduling } from '@parley/event';
import type { FunctionDeclaration } from '../model/live-model.js';
import type { ToolContext } from './tool-context.js';

/**
 * ADK's BaseTool as the flow sees it. How a call is run follows from `kind`:
 * `function`: its result is the response. `longRunning`: its result, if any, is a first response, and the app sends
 * the real one later. `streaming`: every yield is a response, until the last. `builtIn`: runs at the provider.
 */
export interface BaseTool {
  readonly name: string;
  readonly description: string;
  readonly kind: 'function' | 'longRunning' | 'streaming' | 'builtIn';
  readonly where: 'worker' | 'runner';
  /** For `streaming` tools the longest wait between two yields. */
  readonly timeoutMs: number;
  /** Undefined for `builtIn`. */
  readonly declaration?: FunctionDeclaration;
  /** As the API writes it, for `builtIn`: `{ googleSearch: {} }`. */
  readonly builtIn?: Readonly<Record<string, unknown>>;
  /** When the model speaks of the result; set, the call does not hold the turn (NON_BLOCKING). */
  readonly responseScheduling?: FunctionResponseScheduling;
  /** `streaming` tools that read what the user sends: `context.inputStream` is there. */
  readonly inputStream: boolean;
  /** Whether a person has to agree to these arguments first, and what to show. */
  confirmation?(args: Readonly<Record<string, unknown>>): { readonly hint: string } | undefined;
  /**
   * Checks the model's arguments, then runs. Throws `ParleyError` `invalid_message` for arguments that do not fit.
   * A `streaming` tool resolves with its `AsyncIterable`.
   */
  run(args: unknown, context: ToolContext): Promise<unknown>;
}
