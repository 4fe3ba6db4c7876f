import { functionCallsOf, type Content, type Event } from '@parley/event';
import { ParleyError, toParleyError } from '@parley/kernel';
import type { LlmAgent } from '../agent/llm-agent.js';
import type { LlmRequest, LlmResponse } from '../model/llm.js';
import type { AsyncInvocation } from '../runner/async-invocation.js';
import { untilEnded } from '../runner/run-bounds.js';
import type { BaseTool } from '../tool/base-tool.js';
import { answeredQuestions, questionDraft } from './content-confirmations.js';
import type { ContentOutcome } from './content-outcome.js';
import { llmRequestOf, unaryToolsOf } from './content-request.js';
import { ContentScreen } from './content-screen.js';
import { ContentTools, type ToolFinding, type ToolRequest } from './content-tools.js';
import type { EventDraft } from './event-factory.js';
import { hasActions, mergedActions } from './tool-actions.js';

/** What to do after a step: ask the model again, or leave. */
type Step = { readonly kind: 'again' } | ContentOutcome;

/**
 * One agent's turn in a `runAsync`: the model, the tools that it calls, the model again, until it has nothing left
 * to call. [src: adk-python base_llm_flow.py `run_async`]
 *
 * 1. Every event is stored before it is yielded, and before the model is asked again.
 * 2. A call that waits for a person or for the app ends the run, once the other calls are answered.
 * 3. What goes wrong in here is told as an event and is the outcome; only the end of the run throws.
 */
export class ContentFlow {
  readonly #invocation: AsyncInvocation;
  readonly #agent: LlmAgent;
  readonly #offered: readonly BaseTool[];
  readonly #tools: ContentTools;
  #escalated = false;

  constructor(invocation: AsyncInvocation, agent: LlmAgent) {
    this.#invocation = invocation;
    this.#agent = agent;
    this.#offered = unaryToolsOf(agent, invocation);
    this.#tools = new ContentTools(invocation, agent, this.#offered);
  }

  async *run(): AsyncGenerator<Event, ContentOutcome, undefined> {
    const { ended } = this.#invocation;
    try {
      let step = yield* this.#takeUp();
      while (step.kind === 'again') {
        ended.throwIfAborted();
        step = yield* this.#step();
      }
      return step;
    } catch (thrown) {
      ended.throwIfAborted();
      const error = toParleyError(thrown);
      if (error.code === 'internal') {
        this.#invocation.log.error('an agent failed', { agent: this.#agent.name, error: nameOf(thrown) });
      }
      yield await this.#tell(errorDraft(error));
      return { kind: 'failed', error };
    } finally {
      await this.#tools.close();
    }
  }

  /** Runs what a person has agreed to with the message of this run. */
  async *#takeUp(): AsyncGenerator<Event, Step, undefined> {
    const { store, said, clock } = this.#invocation;
    const questions = answeredQuestions(store.events, this.#agent.name, said, clock);
    if (questions.length === 0) return { kind: 'again' };
    const agreed = questions.flatMap(({ call, hint, verdict }): ToolRequest[] =>
      verdict.confirmed ? [{ call, confirmation: { hint, ...verdict } }] : [],
    );
    const refused = questions.filter(({ verdict }) => !verdict.confirmed);
    const rejections = refused.map(({ call }): ToolFinding => {
      const output = { response: { error: 'This tool call is rejected.' } };
      return { kind: 'answered', call, output, actions: mergedActions([]) };
    });
    return yield* this.#callTools(agreed, rejections);
  }

  async *#step(): AsyncGenerator<Event, Step, undefined> {
    const request = await llmRequestOf(this.#invocation, this.#agent, this.#offered);
    const calls: ToolRequest[] = [];
    const screen = new ContentScreen(this.#invocation, this.#agent);
    for await (const response of this.#responses(request, screen)) {
      const draft = this.#draftOf(response);
      if (!draft) continue;
      const whole = response.partial !== true;
      const event = await this.#tell(whole ? withActions(draft, screen.takeActions()) : draft);
      if (whole) calls.push(...functionCallsOf(event).map((call) => ({ call })));
      yield event;
    }
    const { ended } = this.#invocation;
    ended.throwIfAborted();
    if (calls.length === 0) return this.#done();
    return yield* this.#callTools(calls);
  }

  async *#responses(
    request: LlmRequest,
    screen: ContentScreen,
  ): AsyncGenerator<LlmResponse, void, undefined> {
    const { llm, llmCalls, runConfig, ended, observe, caps } = this.#invocation;
    const instead = await screen.before(request);
    if (instead) return yield instead;
    llmCalls.count();
    const stream = runConfig.streamingMode === 'SSE';
    const answers = llm.generateContent(request, { stream, signal: ended });
    let usage: LlmResponse['usageMetadata'];
    try {
      for (;;) {
        const { done, value } = await untilEnded(this.#invocation, answers.next());
        if (done) break;
        usage = value.usageMetadata ?? usage;
        yield await screen.after(value);
      }
    } finally {
      if (usage) {
        observe({ kind: 'usage', agentName: this.#agent.name, model: request.model, usage });
        caps.used(usage);
      }
      void answers.return().catch(() => undefined);
    }
  }

  /** What is told of a response; nothing of one that says nothing. */
  #draftOf({ usageMetadata, content, ...rest }: LlmResponse): EventDraft | undefined {
    const parts = (content?.parts ?? []).map((part) =>
      part.functionCall && !part.functionCall.id
        ? { ...part, functionCall: { ...part.functionCall, id: this.#newCallId() } }
        : part,
    );
    const { partial, errorCode, errorMessage } = rest;
    if (parts.length === 0 && !errorCode && (partial === true || !usageMetadata)) return undefined;
    const draft: EventDraft = {
      ...rest,
      ...(parts.length > 0 ? { content: { ...content, role: 'model', parts } } : {}),
      ...(usageMetadata && partial !== true ? { usageMetadata } : {}),
      ...(errorCode
        ? { errorMessage: errorMessage ?? errorCode, errorDetails: { scope: 'turn', retryable: false } }
        : {}),
    };
    if (partial === true) return draft;
    const calls = parts.flatMap((part) => part.functionCall ?? []);
    if (calls.length === 0) return this.#withOutput(draft, parts);
    const longRunning = calls.filter((call) => this.#tools.isLongRunning(call));
    return { ...draft, longRunningToolIds: longRunning.map(({ id }) => id) };
  }

  #withOutput(draft: EventDraft, parts: Content['parts']): EventDraft {
    const { outputKey } = this.#agent;
    const said = parts.map((part) => (part.thought ? '' : (part.text ?? ''))).join('');
    if (outputKey === undefined || said === '') return draft;
    return { ...draft, actions: { stateDelta: { [outputKey]: said } } };
  }

  async *#callTools(
    requests: readonly ToolRequest[],
    known: readonly ToolFinding[] = [],
  ): AsyncGenerator<Event, Step, undefined> {
    const { ended, clock } = this.#invocation;
    const running = this.#tools.run(requests);
    let progress = await running.next();
    for (; !progress.done; progress = await running.next()) yield await this.#tell(progress.value);
    ended.throwIfAborted();
    const findings = [...known, ...progress.value];
    const told = findings.filter((finding) => finding.kind !== 'question');
    const actions = mergedActions(told.map((finding) => finding.actions));
    const parts = told.flatMap((finding) => {
      if (finding.kind !== 'answered') return [];
      const { id, name } = finding.call;
      return [{ functionResponse: { id, name, ...finding.output } }];
    });
    if (parts.length > 0) yield await this.#tell({ content: { role: 'user', parts }, actions });
    else if (hasActions(actions)) yield await this.#tell({ actions });
    for (const finding of findings) {
      if (finding.kind === 'question')
        yield await this.#tell(questionDraft(finding, clock, () => this.#newCallId()));
    }
    this.#escalated ||= actions.escalate === true;
    if (findings.some(({ kind }) => kind !== 'answered')) return { kind: 'paused' };
    if (actions.transferToAgent !== undefined) return yield* this.#transfer(actions.transferToAgent);
    return actions.skipSummarization || actions.endOfAgent ? this.#done() : { kind: 'again' };
  }

  async *#transfer(to: string): AsyncGenerator<Event, Step, undefined> {
    if (this.#invocation.tree.find(to)) return { kind: 'transfer', to, escalated: this.#escalated };
    const why = `There is no agent "${to}" to hand over to.`;
    yield await this.#tell(errorDraft(new ParleyError('agent_not_found', why, { kind: 'not_found' })));
    return { kind: 'again' };
  }

  #done(): ContentOutcome {
    return { kind: 'done', escalated: this.#escalated };
  }

  #tell(draft: EventDraft): Promise<Event> {
    return this.#invocation.events.tell(this.#agent.name, draft);
  }

  /** The model never sees it. [src: adk-python functions.py] */
  #newCallId(): string {
    return this.#invocation.newId('adk').replace('_', '-');
  }
}

function withActions(
  draft: EventDraft,
  { stateDelta, artifactDelta }: NonNullable<EventDraft['actions']>,
): EventDraft {
  return {
    ...draft,
    actions: {
      ...draft.actions,
      stateDelta: { ...stateDelta, ...draft.actions?.stateDelta },
      artifactDelta: { ...artifactDelta },
    },
  };
}

function errorDraft({ code, message, retryable }: ParleyError): EventDraft {
  return { errorCode: code, errorMessage: message, errorDetails: { scope: 'turn', retryable } };
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : 'unknown';
}
