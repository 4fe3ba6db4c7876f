import { NO_ACTIONS, type EventActions, type FunctionCall, type ToolConfirmation } from '@parley/event';
import { AsyncQueue, ParleyError, asError } from '@parley/kernel';
import type { LlmAgent } from '../agent/llm-agent.js';
import type { AsyncInvocation } from '../runner/async-invocation.js';
import type { BaseTool } from '../tool/base-tool.js';
import { StreamChunk } from '../tool/stream-chunk.js';
import { ToolContext } from '../tool/tool-context.js';
import type { EventDraft } from './event-factory.js';
import { ToolActionsTap } from './tool-actions.js';
import { executeTool } from './tool-execution.js';
import { ToolPipeline, timedOut, type ToolAttempt } from './tool-pipeline.js';
import type { ToolOutput } from './tool-result.js';
import { pullStream } from './tool-stream.js';
import { ToolWork } from './tool-work.js';

const MAX_CONCURRENT_CALLS = 32;
/** How long a streaming tool is listened to: here the turn waits for it. */
export const STREAM_WITHIN_MS = 60_000;
/** Yields of one streaming tool that the model is told, the newest. */
const MAX_YIELDS_TOLD = 64;
const MAX_WAITING_DRAFTS = 8_192;
/** How long tools that do not stop hold up an end. */
const STOP_WITHIN_MS = 50;

/** A call, and the answer of the person whom it had asked. */
export interface ToolRequest {
  readonly call: FunctionCall;
  readonly confirmation?: ToolConfirmation;
}

/** What came of a call. */
export type ToolFinding =
  | {
      readonly kind: 'answered';
      readonly call: FunctionCall;
      readonly output: ToolOutput;
      readonly actions: EventActions;
    }
  /** Long-running: the app answers later. */
  | { readonly kind: 'later'; readonly call: FunctionCall; readonly actions: EventActions }
  | {
      readonly kind: 'question';
      readonly call: FunctionCall;
      readonly hint: string;
      readonly payload?: unknown;
      readonly actions: EventActions;
    };

/**
 * Runs the calls of one agent's turn, which waits for them: through the same pipeline as live ones.
 *
 * 1. Calls run at the same time, as many as are allowed, the others after them; findings are in call order.
 * 2. What a streaming tool yields is told at once as a delta; the model is told what it returned, or else its yields.
 * 3. When the run ends every tool's signal aborts, and nothing is heard of any.
 */
export class ContentTools {
  readonly #invocation: AsyncInvocation;
  readonly #agent: LlmAgent;
  readonly #tools: ReadonlyMap<string, BaseTool>;
  readonly #pipeline: ToolPipeline;
  readonly #work: ToolWork;
  readonly #running = new Set<AbortController>();

  constructor(invocation: AsyncInvocation, agent: LlmAgent, tools: readonly BaseTool[]) {
    const { clock, plugins, key, jobs, events } = invocation;
    const callable = tools.filter((tool) => tool.kind !== 'builtIn');
    const execution = { key, liveId: events.invocationId, jobs, stopStreams: nothingStreams };
    this.#invocation = invocation;
    this.#agent = agent;
    this.#tools = new Map(callable.map((tool) => [tool.name, tool]));
    this.#work = new ToolWork(clock);
    this.#pipeline = new ToolPipeline({
      agent,
      tools: callable,
      plugins,
      clock,
      execute: (tool, args, context) => executeTool(execution, tool, args, context),
    });
  }

  isLongRunning({ name }: FunctionCall): boolean {
    return this.#tools.get(name)?.kind === 'longRunning';
  }

  /** Yields what streaming tools have to tell meanwhile; returns what came of each call. */
  async *run(
    requests: readonly ToolRequest[],
  ): AsyncGenerator<EventDraft, readonly ToolFinding[], undefined> {
    const drafts = new AsyncQueue<EventDraft>({ capacity: MAX_WAITING_DRAFTS });
    const findings = this.#runAll(requests, drafts).finally(() => drafts.close());
    findings.catch(() => undefined);
    yield* drafts;
    return findings;
  }

  /** Aborts what still runs, and waits a moment for it to stop. */
  async close(): Promise<void> {
    for (const abort of this.#running) abort.abort();
    const stuck = await this.#work.idle(STOP_WITHIN_MS);
    if (stuck.length > 0) this.#invocation.log.warn('tools did not stop in time', { tools: stuck });
  }

  async #runAll(
    requests: readonly ToolRequest[],
    drafts: AsyncQueue<EventDraft>,
  ): Promise<readonly ToolFinding[]> {
    const { runConfig, ended } = this.#invocation;
    const findings = new Map<ToolRequest, ToolFinding>();
    const waiting = this.#withoutDoubles(requests);
    const lane = async (): Promise<void> => {
      for (let next = waiting.shift(); next && !ended.aborted; next = waiting.shift()) {
        findings.set(next, await this.#run(next, drafts));
      }
    };
    const lanes = Math.min(
      runConfig.toolThreadPoolConfig?.maxWorkers ?? MAX_CONCURRENT_CALLS,
      waiting.length,
    );
    await Promise.all(Array.from({ length: lanes }, lane));
    return requests.flatMap((request) => {
      const own = findings.get(request);
      if (own) return [own];
      const like = [...findings].find(([{ call }]) => isAlike(call, request.call))?.[1];
      return like ? [{ ...like, call: request.call, actions: NO_ACTIONS }] : [];
    });
  }

  #withoutDoubles(requests: readonly ToolRequest[]): ToolRequest[] {
    if (!this.#invocation.runConfig.dedupeToolCalls) return [...requests];
    return requests.filter(({ call }, at) => requests.findIndex((each) => isAlike(each.call, call)) === at);
  }

  async #run({ call, confirmation }: ToolRequest, drafts: AsyncQueue<EventDraft>): Promise<ToolFinding> {
    const tool = this.#tools.get(call.name);
    const abort = new AbortController();
    const context = this.#contextOf(call, abort.signal, confirmation);
    const tap = new ToolActionsTap(context);
    const occupied = this.#work.occupy(call.name);
    const attempt: ToolAttempt = {
      toolName: call.name,
      tool,
      args: structuredClone(call.args),
      context,
      cancelled: this.#invocation.ended,
      abort,
      occupied,
    };
    this.#running.add(abort);
    const running = this.#pipeline.run(attempt);
    occupied.hold(running);
    try {
      const outcome = await running;
      if (outcome.kind === 'confirm') {
        const { hint, payload } = outcome;
        return {
          kind: 'question',
          call,
          hint,
          ...(payload === undefined ? {} : { payload }),
          actions: tap.take(),
        };
      }
      if (outcome.kind === 'stream') {
        const output = await this.#stream(outcome.stream, attempt, call, drafts);
        return { kind: 'answered', call, output, actions: tap.take() };
      }
      const later = outcome.byTool === 'nothing' && tool?.kind === 'longRunning';
      if (later) return { kind: 'later', call, actions: tap.take() };
      return { kind: 'answered', call, output: outcome.output, actions: tap.take() };
    } finally {
      this.#running.delete(abort);
      abort.abort();
    }
  }

  async #stream(
    stream: AsyncIterable<unknown>,
    attempt: ToolAttempt,
    call: FunctionCall,
    drafts: AsyncQueue<EventDraft>,
  ): Promise<ToolOutput> {
    const { clock, ended } = this.#invocation;
    const { tool } = attempt;
    const yielded: ToolOutput[] = [];
    const enough = new AbortController();
    const cancelTimer = clock.after(STREAM_WITHIN_MS, () => enough.abort());
    try {
      const returned = await pullStream(stream, {
        clock,
        signal: AbortSignal.any([ended, enough.signal]),
        withinMs: tool?.kind === 'streaming' ? tool.timeoutMs : Infinity,
        onExpiry: () => (tool ? timedOut(tool) : new ParleyError('tool_timeout', 'No result in time.')),
        occupied: attempt.occupied,
        onYield: async (value) => {
          const output = await this.#pipeline.told(
            attempt,
            value instanceof StreamChunk ? value.value : value,
          );
          yielded.push(output);
          if (yielded.length > MAX_YIELDS_TOLD) yielded.shift();
          const functionResponse = { id: call.id, name: call.name, ...output, willContinue: true };
          drafts.push({ content: { role: 'user', parts: [{ functionResponse }] }, partial: true });
        },
      });
      return returned === undefined ? joined(yielded) : await this.#pipeline.told(attempt, returned);
    } catch (error) {
      attempt.abort.abort(error);
      if (enough.signal.aborted) return joined(yielded);
      return this.#pipeline.failure(attempt, asError(error));
    } finally {
      cancelTimer();
    }
  }

  #contextOf(
    call: FunctionCall,
    signal: AbortSignal,
    toolConfirmation: ToolConfirmation | undefined,
  ): ToolContext {
    const { events, key, store, artifacts, memory, said } = this.#invocation;
    return new ToolContext({
      invocationId: events.invocationId,
      agentName: this.#agent.name,
      key,
      state: store.state,
      signal,
      artifacts,
      memory,
      functionCallId: call.id,
      ...(said.content ? { userContent: said.content } : {}),
      ...(toolConfirmation ? { toolConfirmation } : {}),
    });
  }
}

/** All yields as one answer. */
function joined(yielded: readonly ToolOutput[]): ToolOutput {
  const parts = yielded.flatMap((output) => output.parts ?? []);
  const results = yielded.map(({ response }) => ('result' in response ? response['result'] : response));
  return { response: { results }, ...(parts.length > 0 ? { parts } : {}) };
}

function isAlike(a: FunctionCall, b: FunctionCall): boolean {
  return a.name === b.name && JSON.stringify(a.args) === JSON.stringify(b.args);
}

async function nothingStreams(): Promise<never> {
  throw new ParleyError('tool_failed', 'Nothing streams here.');
}
