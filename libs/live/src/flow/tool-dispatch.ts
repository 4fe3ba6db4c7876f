import type { FunctionCall, FunctionResponse } from '@parley/event';
import { ParleyError, withDeadline, type Clock } from '@parley/kernel';
import type { Tool } from '../tool/function-tool.js';
import type { ToolJobs } from '../tool/tool-jobs.js';
import { ToolState } from '../tool/tool-state.js';

export interface ToolScope {
  readonly agentName: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly liveId: string;
  readonly tools: readonly Tool[];
  /** The session's state now. */
  readonly state: () => Readonly<Record<string, unknown>>;
}

export interface ToolResults {
  /** In the order of the calls; without those that were cancelled meanwhile. */
  readonly responses: readonly FunctionResponse[];
  readonly stateDelta: Readonly<Record<string, unknown>>;
}

interface RunningCall {
  readonly abort: AbortController;
  cancelled: boolean;
}

/**
 * Runs the tool calls of one conversation, beside it: the receive loop never waits here.
 *
 * 1. Calls of one message run at the same time and are answered together, in call order.
 * 2. Each call has exactly one outcome: a result, or an error that the model can read. Nothing a tool does ends the
 *    conversation.
 * 3. A cancelled call is aborted and not answered.
 */
export class ToolDispatch {
  readonly #scope: ToolScope;
  readonly #clock: Clock;
  readonly #jobs: ToolJobs | undefined;
  readonly #running = new Map<string, RunningCall>();

  constructor(scope: ToolScope, clock: Clock, jobs: ToolJobs | undefined) {
    this.#scope = scope;
    this.#clock = clock;
    this.#jobs = jobs;
  }

  async run(calls: readonly FunctionCall[]): Promise<ToolResults> {
    const settled = await Promise.all(calls.map((call) => this.#runOne(call)));
    const answered = settled.filter((outcome) => outcome !== undefined);
    return {
      responses: answered.map((outcome) => outcome.response),
      stateDelta: Object.assign({}, ...answered.map((outcome) => outcome.stateDelta)) as Record<
        string,
        unknown
      >,
    };
  }

  cancel(callIds: readonly string[]): void {
    for (const id of callIds) {
      const call = this.#running.get(id);
      if (!call) continue;
      call.cancelled = true;
      call.abort.abort();
    }
  }

  cancelAll(): void {
    this.cancel([...this.#running.keys()]);
  }

  async #runOne(
    call: FunctionCall,
  ): Promise<{ response: FunctionResponse; stateDelta: Readonly<Record<string, unknown>> } | undefined> {
    const running: RunningCall = { abort: new AbortController(), cancelled: false };
    this.#running.set(call.id, running);
    const state = new ToolState(this.#scope.state());
    try {
      const response = await this.#outcome(call, state, running.abort.signal);
      if (running.cancelled) return undefined;
      return { response: { id: call.id, name: call.name, response }, stateDelta: state.delta };
    } finally {
      running.abort.abort();
      this.#running.delete(call.id);
    }
  }

  async #outcome(
    call: FunctionCall,
    state: ToolState,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>> {
    const tool = this.#scope.tools.find((candidate) => candidate.name === call.name);
    if (!tool) {
      const known = this.#scope.tools.map((candidate) => candidate.name).join(', ') || 'none';
      return { error: `There is no tool "${call.name}". Tools: ${known}.` };
    }
    try {
      const work =
        tool.where === 'runner'
          ? this.#runAsJob(tool, call, signal)
          : this.#runHere(tool, call, state, signal);
      const aborted = new Promise<never>((_resolve, reject) => {
        signal.addEventListener(
          'abort',
          () => reject(new ParleyError('tool_failed', 'The call was cancelled.')),
          { once: true },
        );
      });
      aborted.catch(() => undefined);
      const timeout = (): Error => new ParleyError('tool_timeout', `No result within ${tool.timeoutMs} ms.`);
      return asResponse(
        await withDeadline(this.#clock, tool.timeoutMs, Promise.race([work, aborted]), timeout),
      );
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }

  async #runHere(tool: Tool, call: FunctionCall, state: ToolState, signal: AbortSignal): Promise<unknown> {
    const { agentName, userId, sessionId } = this.#scope;
    const args: unknown = structuredClone(call.args);
    return tool.run(args, { agentName, userId, sessionId, functionCallId: call.id, state, signal });
  }

  async #runAsJob(tool: Tool, call: FunctionCall, signal: AbortSignal): Promise<unknown> {
    if (!this.#jobs) {
      throw new ParleyError('tool_backend_unavailable', 'Tools of this kind can not run here.', {
        retryable: true,
      });
    }
    const { agentName, tenantId, userId, sessionId, liveId } = this.#scope;
    const outcome = await this.#jobs.run(
      {
        jobId: `${liveId}.${call.id}`,
        tenantId,
        userId,
        sessionId,
        liveId,
        callId: call.id,
        agentName,
        toolName: tool.name,
        args: call.args,
        timeoutMs: tool.timeoutMs,
      },
      signal,
    );
    return outcome.ok ? outcome.result : { error: outcome.error };
  }
}

/**
 * An object is the response; anything else is `{result: …}`. [src: adk-python functions.py] What can't be written as
 * JSON throws here, where it becomes an error for the model.
 */
function asResponse(result: unknown): Record<string, unknown> {
  const plain = typeof result === 'object' && result !== null && !Array.isArray(result);
  return JSON.parse(JSON.stringify(plain ? result : { result: result ?? null })) as Record<string, unknown>;
}
