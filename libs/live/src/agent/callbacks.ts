import type { Content } from '@parley/event';
import type { LlmRequest, LlmResponse } from '../model/llm.js';
import type { BaseTool } from '../tool/base-tool.js';
import type { ToolContext } from '../tool/tool-context.js';
import type { CallbackContext } from './callback-context.js';

/** A callback answers with something to put its answer in place of what would have happened, else with nothing. */
export type Answer<T> = T | undefined | void | Promise<T | undefined | void>;
export type OneOrMany<T> = T | readonly T[];
export type ToolArgs = Readonly<Record<string, unknown>>;
export type ToolResult = Readonly<Record<string, unknown>>;

/**
 * Content takes the agent's place: it is told as an event. In live the invocation ends with it, in `runAsync` a
 * sequence goes on with the next agent.
 */
export type BeforeAgentCallback = (context: CallbackContext) => Answer<Content>;
/** Content is told as one more event. Runs whenever the agent leaves, however it leaves. */
export type AfterAgentCallback = (context: CallbackContext) => Answer<Content>;
/** In live a screen of what the user typed (before it is sent) or said (once it is transcribed). */
export type BeforeModelCallback = (params: {
  readonly context: CallbackContext;
  readonly request: LlmRequest;
}) => Answer<LlmResponse>;
/** In live a screen of what the model has said so far in its turn. */
export type AfterModelCallback = (params: {
  readonly context: CallbackContext;
  readonly response: LlmResponse;
}) => Answer<LlmResponse>;
/** The tool is not run when this answers; the answer is its response. */
export type BeforeToolCallback = (params: {
  readonly tool: BaseTool;
  readonly args: ToolArgs;
  readonly context: ToolContext;
}) => Answer<ToolResult>;
export type AfterToolCallback = (params: {
  readonly tool: BaseTool;
  readonly args: ToolArgs;
  readonly context: ToolContext;
  readonly response: ToolResult;
}) => Answer<ToolResult>;
/** `tool` is undefined when the model called one that does not exist. */
export type OnToolErrorCallback = (params: {
  readonly tool: BaseTool | undefined;
  readonly toolName: string;
  readonly args: ToolArgs;
  readonly context: ToolContext;
  readonly error: Error;
}) => Answer<ToolResult>;

/** Calls one after the other until one answers. */
export async function firstAnswer<P, T>(
  callbacks: OneOrMany<(params: P) => Answer<T>> | undefined,
  params: P,
): Promise<T | undefined> {
  const list = callbacks === undefined ? [] : typeof callbacks === 'function' ? [callbacks] : callbacks;
  for (const callback of list) {
    const answer = await callback(params);
    if (answer !== undefined && answer !== null) return answer;
  }
  return undefined;
}
