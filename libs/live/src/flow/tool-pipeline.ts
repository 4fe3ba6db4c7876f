import { ParleyError, type Clock, asError, withinBounds } from '@parley/kernel';
import { firstAnswer, type ToolArgs, type ToolResult } from '../agent/callbacks.js';
import type { LlmAgent } from '../agent/llm-agent.js';
import type { PluginManager } from '../plugin/plugin-manager.js';
import type { BaseTool } from '../tool/base-tool.js';
import { DEFAULT_TOOL_TIMEOUT_MS } from '../tool/function-tool.js';
import type { ToolContext } from '../tool/tool-context.js';
import { errorOutputOf, isEmptyResult, toolOutputOf, type ToolOutput } from './tool-result.js';
import type { Occupied } from './tool-work.js';

export interface ToolPipelineParts {
  readonly agent: LlmAgent;
  readonly tools: readonly BaseTool[];
  readonly plugins: PluginManager;
  readonly clock: Clock;
  /** Where a tool's own code is started: here, as a job, or by the runtime itself. */
  readonly execute: (tool: BaseTool, args: ToolArgs, context: ToolContext) => Promise<unknown>;
}

/** One go at a call; a call that a person had to confirm gets a second. */
export interface ToolAttempt {
  readonly toolName: string;
  /** Undefined when the model called what does not exist. */
  readonly tool: BaseTool | undefined;
  /** The attempt's own copy. */
  readonly args: ToolArgs;
  readonly context: ToolContext;
  /** Aborts when nobody wants the outcome any more. */
  readonly cancelled: AbortSignal;
  /** Tells the tool to stop, also when its time is up. */
  readonly abort: AbortController;
  readonly occupied: Occupied;
}

export type PipelineOutcome =
  | {
      readonly kind: 'answered';
      readonly output: ToolOutput;
      /** Whether the tool itself said so, or said nothing yet; false when another spoke for it, or it failed. */
      readonly byTool: 'something' | 'nothing' | false;
    }
  | { readonly kind: 'stream'; readonly stream: AsyncIterable<unknown> }
  | { readonly kind: 'confirm'; readonly hint: string; readonly payload?: unknown };

/**
 * The way of one call: look-up → plugins' and agent's beforeTool → confirmation → the tool → onToolError when it
 * threw → afterTool. Plugins come first, and the first that answers wins. [src: adk-python functions.py]
 *
 * 1. Nothing rejects: what goes wrong becomes an error that the model can read.
 * 2. A guardrail that throws lets nothing through: the tool is not run, or its result not told.
 * 3. Each callback has 30 s, the tool its `timeoutMs`.
 */
export class ToolPipeline {
  readonly #parts: ToolPipelineParts;

  constructor(parts: ToolPipelineParts) {
    this.#parts = parts;
  }

  async run(attempt: ToolAttempt): Promise<PipelineOutcome> {
    try {
      const { tool } = attempt;
      if (!tool) return answered(await this.failure(attempt, this.#unknownTool(attempt.toolName)));
      const { args, context } = attempt;
      const instead = await this.#before(attempt, tool);
      if (context.requestedConfirmation) return { kind: 'confirm', ...context.requestedConfirmation };
      if (instead) return answered(await this.#after(attempt, toolOutputOf(instead)));
      const asks = context.toolConfirmation ? undefined : tool.confirmation?.(args);
      if (asks) return { kind: 'confirm', ...asks };
      return await this.#runTool(attempt, tool);
    } catch (error) {
      return answered(errorOutputOf(error));
    }
  }

  /** What the model is told of a result, or of a yield. */
  async told(attempt: ToolAttempt, result: unknown): Promise<ToolOutput> {
    try {
      return await this.#after(attempt, toolOutputOf(result));
    } catch (error) {
      return errorOutputOf(error);
    }
  }

  /** What the model is told when the tool threw, or is none. */
  async failure(attempt: ToolAttempt, error: Error): Promise<ToolOutput> {
    const { agent, plugins } = this.#parts;
    if (attempt.cancelled.aborted) return errorOutputOf(error);
    const { tool, toolName, args, context } = attempt;
    const params = { tool, toolName, args, context, error };
    try {
      const instead = await this.#ask(
        attempt,
        async () =>
          (await plugins.ask('onToolErrorCallback', params)) ??
          firstAnswer(agent.onToolErrorCallback, params),
      );
      return instead ? await this.#after(attempt, toolOutputOf(instead)) : errorOutputOf(error);
    } catch (thrown) {
      return errorOutputOf(thrown);
    }
  }

  async #runTool(attempt: ToolAttempt, tool: BaseTool): Promise<PipelineOutcome> {
    const { args, context, occupied, cancelled, abort } = attempt;
    const work = this.#parts.execute(tool, args, context);
    occupied.hold(work);
    let result: unknown;
    try {
      result = await withinBounds(work, {
        clock: this.#parts.clock,
        withinMs: tool.timeoutMs,
        signal: cancelled,
        onExpiry: () => timedOut(tool),
      });
    } catch (error) {
      abort.abort(error);
      return answered(await this.failure(attempt, asError(error)));
    }
    const asks = context.requestedConfirmation;
    if (asks) return { kind: 'confirm', ...asks };
    if (isAsyncIterable(result)) return { kind: 'stream', stream: result };
    const empty = isEmptyResult(result);
    const output = toolOutputOf(result);
    const told = await this.#after(attempt, output);
    return { kind: 'answered', output: told, byTool: empty && told === output ? 'nothing' : 'something' };
  }

  #before(attempt: ToolAttempt, tool: BaseTool): Promise<ToolResult | undefined> {
    const { agent, plugins } = this.#parts;
    const params = { tool, args: attempt.args, context: attempt.context };
    return this.#ask(
      attempt,
      async () =>
        (await plugins.ask('beforeToolCallback', params)) ?? firstAnswer(agent.beforeToolCallback, params),
    );
  }

  /** An answer takes the place of the whole output, its media too. */
  async #after(attempt: ToolAttempt, output: ToolOutput): Promise<ToolOutput> {
    const { agent, plugins } = this.#parts;
    const { tool, args, context } = attempt;
    if (!tool) return output;
    if (agent.afterToolCallback === undefined && !plugins.has('afterToolCallback')) return output;
    const params = { tool, args, context, response: output.response };
    const instead = await this.#ask(
      attempt,
      async () =>
        (await plugins.ask('afterToolCallback', params)) ?? firstAnswer(agent.afterToolCallback, params),
    );
    return instead ? toolOutputOf(instead) : output;
  }

  #ask(
    { occupied, cancelled }: ToolAttempt,
    callbacks: () => Promise<ToolResult | undefined>,
  ): Promise<ToolResult | undefined> {
    const work = callbacks();
    occupied.hold(work);
    return withinBounds(work, {
      clock: this.#parts.clock,
      withinMs: DEFAULT_TOOL_TIMEOUT_MS,
      signal: cancelled,
      onExpiry: () => new ParleyError('tool_timeout', 'A callback of the tool did not answer in time.'),
    });
  }

  #unknownTool(name: string): ParleyError {
    const known = this.#parts.tools.filter((tool) => tool.kind !== 'builtIn').map((tool) => tool.name);
    return new ParleyError(
      'tool_failed',
      `There is no tool "${name}". Tools: ${known.join(', ') || 'none'}.`,
      {
        kind: 'not_found',
      },
    );
  }
}

export function timedOut(tool: Pick<BaseTool, 'timeoutMs'>): ParleyError {
  return new ParleyError('tool_timeout', `No result within ${tool.timeoutMs} ms.`, {
    kind: 'deadline_exceeded',
  });
}

function answered(output: ToolOutput): PipelineOutcome {
  return { kind: 'answered', output, byTool: false };
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
