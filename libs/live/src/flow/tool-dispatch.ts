import type { Content, EventActions, FunctionCall, FunctionResponse } from '@parley/event';
import type { Clock, IdFactory } from '@parley/kernel';
import type { LlmAgent } from '../agent/llm-agent.js';
import type { ArtifactService } from '../artifact/artifact-service.js';
import type { MemoryService } from '../memory/memory-service.js';
import type { LiveModelCapabilities } from '../model/live-model.js';
import type { PluginManager } from '../plugin/plugin-manager.js';
import type { LiveRequest } from '../runner/live-request.js';
import type { SessionKey } from '../session/session-service.js';
import type { BaseTool } from '../tool/base-tool.js';
import { RESERVED_TOOL_NAMES } from '../tool/reserved-tool-names.js';
import { ToolContext } from '../tool/tool-context.js';
import type { ToolJobs } from '../tool/tool-jobs.js';
import type { EventDraft } from './event-factory.js';
import { mergedActions } from './tool-actions.js';
import { ToolBatch, type ToolAnswer } from './tool-batch.js';
import { ToolCall, type ToolCallHost } from './tool-call.js';
import { STOP_WITHIN_MS, ToolCalls } from './tool-calls.js';
import { ToolConfirmations, type OpenConfirmation } from './tool-confirmations.js';
import { executeTool } from './tool-execution.js';
import { ToolPipeline } from './tool-pipeline.js';
import { asUserText } from './tool-result.js';
import { ToolWork } from './tool-work.js';

/** Ids made here for calls that came without; the model never sees them. [src: adk-python functions.py] */
const OWN_CALL_ID = 'adk-';
const MAX_CONCURRENT_CALLS = 32;

export interface ToolDispatchParts {
  readonly agent: LlmAgent;
  /** All that the model was told of, the runtime's own tools included. */
  readonly tools: readonly BaseTool[];
  readonly plugins: PluginManager;
  readonly capabilities: LiveModelCapabilities;
  readonly identity: { readonly invocationId: string; readonly key: SessionKey; readonly liveId: string };
  /** The session's state now. */
  readonly state: () => Readonly<Record<string, unknown>>;
  readonly artifacts: ArtifactService | undefined;
  readonly memory: MemoryService | undefined;
  readonly jobs: ToolJobs | undefined;
  readonly clock: Clock;
  readonly newId: IdFactory;
  /** Default 32. A call beyond is answered with an error. Tools that go on after their time is up count. */
  readonly maxConcurrentCalls?: number;
  /** Calls of one message with the same name and arguments run once, and all get its answer. */
  readonly dedupeToolCalls?: boolean;
  /** What a tool has to wait for before it starts; undefined: nothing. */
  readonly mayStart?: () => Promise<void> | undefined;
  readonly sink: ToolSink;
}

/** Where tools are heard. Its methods return at once and do not throw. */
export interface ToolSink {
  /** An event of the agent: a call, responses, a question to a person, or changes alone. */
  emit(draft: EventDraft): void;
  /** To the model, before the event is told and whether or not anyone reads events. */
  respond(responses: readonly FunctionResponse[]): void;
  /** To the model as the user's words, for models that take one answer to a call; no event of the user's. */
  tell(content: Content): void;
}

/**
 * Runs the tool calls of one agent's connection, beside it: nothing here makes the conversation wait.
 *
 * 1. Calls of one message run at the same time and are answered together, in call order; those that would hold the
 *    others up (long-running, streaming, NON_BLOCKING, waiting for a person) are answered by themselves.
 * 2. A call has exactly one last answer at the model, an error if need be, or none when it was cancelled (I5).
 * 3. What goes to the model goes before its event. Interruption neither cancels tools nor waits for them.
 * 4. After `stopAll` nothing is sent, told or started.
 */
export class ToolDispatch {
  readonly #parts: ToolDispatchParts;
  readonly #tools: ReadonlyMap<string, BaseTool>;
  readonly #calls: ToolCalls;
  readonly #work: ToolWork;
  readonly #confirmations: ToolConfirmations;
  readonly #host: ToolCallHost;
  #stopping: Promise<{ readonly stuck: readonly string[] }> | undefined;

  constructor(parts: ToolDispatchParts) {
    const { agent, tools, plugins, capabilities, identity, clock, jobs } = parts;
    const callable = tools.filter((tool) => tool.kind !== 'builtIn');
    this.#parts = parts;
    this.#tools = new Map(callable.map((tool) => [tool.name, tool]));
    this.#calls = new ToolCalls(clock);
    this.#work = new ToolWork(clock);
    this.#confirmations = new ToolConfirmations(clock, () => this.#newCallId());
    const stopStreams = (name: string): Promise<unknown> => this.#calls.stopStreams(name);
    const execution = { ...identity, jobs, stopStreams, mayStart: parts.mayStart };
    this.#host = {
      pipeline: new ToolPipeline({
        agent,
        tools: callable,
        plugins,
        clock,
        execute: (tool, args, context) => executeTool(execution, tool, args, context),
      }),
      work: this.#work,
      confirmations: this.#confirmations,
      capabilities,
      clock,
      contextOf: (given) => this.#contextOf(given),
      send: (answers) => this.#send(answers),
      tellActions: (actions) => this.#tellActions(actions),
      tellConfirmation: (open, callId, actions) => this.#tellConfirmation(open, callId, actions),
      ended: (call) => this.#calls.remove(call),
    };
  }

  /** Ids of calls that run, or that the model waits for. */
  get pending(): readonly string[] {
    return this.#calls.ids;
  }

  /** Whether a call is under way whose answer would be lost if the conversation went on elsewhere. */
  get busy(): boolean {
    return this.#calls.running;
  }

  /** Tells the calls as one event, then runs them. One that is running already under its id is not run again. */
  call(incoming: readonly FunctionCall[]): void {
    if (this.#stopping) return;
    const calls = incoming
      .map((call) => (call.id ? call : { ...call, id: this.#newCallId() }))
      .filter((call) => !this.#calls.find(call.id));
    if (calls.length === 0) return;
    const longRunningToolIds = calls
      .filter((call) => this.#tools.get(call.name)?.kind === 'longRunning')
      .map((call) => call.id);
    const parts = calls.map((functionCall) => ({ functionCall }));
    this.#parts.sink.emit({ content: { role: 'model', parts }, longRunningToolIds });
    this.#start(this.#admit(calls), calls);
  }

  /** What the client answered to calls. Returns what is for the model: not confirmations, nor answers to running calls. */
  answer(responses: readonly FunctionResponse[]): readonly FunctionResponse[] {
    if (this.#stopping) return [];
    return responses.flatMap((response) => {
      if (this.#confirmations.answer(response)) return [];
      const call = this.#calls.find(response.id);
      // an app may be faster than the tool that asked it; of any other tool that runs it would be a forged result
      if (call && !call.deferred && call.tool?.kind !== 'longRunning') return [];
      if (call && !response.willContinue) call.cancel();
      const scheduling = response.scheduling ?? call?.tool?.responseScheduling;
      return [withoutOwnId(scheduling ? { ...response, scheduling } : response)];
    });
  }

  /** Each request of the client, for the tools that read along. */
  mirror(request: LiveRequest): void {
    if (request.kind !== 'playback') this.#calls.hear(request);
  }

  /** The model took these calls back: they are aborted and not answered. */
  cancel(callIds: readonly string[]): void {
    for (const id of callIds) this.#calls.cancel(id);
  }

  /** Aborts everything; resolves when all code has stopped, at the latest after 1 s with the names of what has not. */
  stopAll(): Promise<{ readonly stuck: readonly string[] }> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<{ readonly stuck: readonly string[] }> {
    this.#calls.cancelAll();
    return { stuck: await this.#work.idle(STOP_WITHIN_MS) };
  }

  /** One `ToolCall` for each call, or for those of `calls` that are alike. */
  #admit(calls: readonly FunctionCall[]): readonly ToolCall[] {
    const admitted = new Map<string, ToolCall>();
    for (const call of calls) {
      const likeness = this.#parts.dedupeToolCalls ? `${call.name} ${canonicalJson(call.args)}` : call.id;
      const alike = admitted.get(likeness);
      if (alike) {
        this.#calls.addId(call.id, alike);
        continue;
      }
      const toolCall = new ToolCall(this.#host, call, this.#tools.get(call.name));
      this.#calls.add(toolCall);
      admitted.set(likeness, toolCall);
    }
    return [...admitted.values()];
  }

  #start(admitted: readonly ToolCall[], calls: readonly FunctionCall[]): void {
    const together = new Set(admitted.filter((call) => !call.alone).flatMap((call) => [...call.reply.ids]));
    const inCallOrder = calls.map((call) => call.id).filter((id) => together.has(id));
    const batch = new ToolBatch(inCallOrder, (answers) => this.#send(answers));
    for (const call of admitted) if (!call.alone) call.reply.join(batch);
    const { maxConcurrentCalls = MAX_CONCURRENT_CALLS } = this.#parts;
    for (const call of admitted) {
      if (this.#work.size < maxConcurrentCalls || RESERVED_TOOL_NAMES.has(call.call.name)) call.start();
      else call.refuse(`Too many tools are running already (${maxConcurrentCalls}). Try again later.`);
    }
  }

  #contextOf(given: Parameters<ToolCallHost['contextOf']>[0]): ToolContext {
    const { agent, identity, state, artifacts, memory } = this.#parts;
    const { call, signal, confirmation, input } = given;
    return new ToolContext({
      invocationId: identity.invocationId,
      agentName: agent.name,
      key: identity.key,
      state: state(),
      signal,
      artifacts,
      memory,
      functionCallId: call.id,
      ...(confirmation ? { toolConfirmation: confirmation } : {}),
      ...(input ? { inputStream: input } : {}),
    });
  }

  #send(answers: readonly ToolAnswer[]): void {
    if (this.#stopping) return;
    const { sink } = this.#parts;
    const responses = answers.filter(({ toModel }) => toModel === 'response').map(({ response }) => response);
    if (responses.length > 0) sink.respond(responses.map(withoutOwnId));
    for (const { response, toModel } of answers) if (toModel === 'text') sink.tell(asUserText(response));
    const parts = answers.map(({ response }) => ({ functionResponse: response }));
    const actions = mergedActions(answers.map((answer) => answer.actions));
    sink.emit({ content: { role: 'user', parts }, actions });
  }

  #tellActions(actions: EventActions): void {
    if (!this.#stopping) this.#parts.sink.emit({ actions });
  }

  #tellConfirmation({ request, asked }: OpenConfirmation, callId: string, actions: EventActions): void {
    this.#parts.sink.emit({
      content: { role: 'model', parts: [{ functionCall: request }] },
      longRunningToolIds: [request.id],
      actions: { ...actions, requestedToolConfirmations: { [callId]: asked } },
    });
  }

  #newCallId(): string {
    return this.#parts.newId('adk').replace('_', '-');
  }
}

function withoutOwnId(response: FunctionResponse): FunctionResponse {
  return response.id.startsWith(OWN_CALL_ID) ? { ...response, id: '' } : response;
}

/** The same text for arguments that differ in the order of their keys alone. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
