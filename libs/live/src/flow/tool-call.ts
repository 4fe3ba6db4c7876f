import { NO_ACTIONS, type EventActions, type FunctionCall, type ToolConfirmation } from '@parley/event';
import { asError, type Clock } from '@parley/kernel';
import type { LiveModelCapabilities } from '../model/live-model.js';
import type { LiveRequest } from '../runner/live-request.js';
import type { BaseTool } from '../tool/base-tool.js';
import { StreamChunk } from '../tool/stream-chunk.js';
import type { ToolContext } from '../tool/tool-context.js';
import { hasActions, ToolActionsTap } from './tool-actions.js';
import type { ToolAnswer } from './tool-batch.js';
import type { ConfirmationVerdict, OpenConfirmation, ToolConfirmations } from './tool-confirmations.js';
import { declarationFor } from './tool-declaration.js';
import { ToolInputStream } from './tool-input-stream.js';
import { timedOut, type PipelineOutcome, type ToolAttempt, type ToolPipeline } from './tool-pipeline.js';
import { ToolReply, type ReplyOptions } from './tool-reply.js';
import { errorOutputOf, type ToolOutput } from './tool-result.js';
import { pullStream } from './tool-stream.js';
import type { Occupied, ToolWork } from './tool-work.js';

/** [src: adk-python functions.py] */
const STREAMING_STATUS = 'The function is running asynchronously and the results are pending.';

/** What all calls of one dispatch share. */
export interface ToolCallHost {
  readonly pipeline: ToolPipeline;
  readonly work: ToolWork;
  readonly confirmations: ToolConfirmations;
  readonly capabilities: LiveModelCapabilities;
  readonly clock: Clock;
  contextOf(given: {
    readonly call: FunctionCall;
    readonly signal: AbortSignal;
    readonly confirmation: ToolConfirmation | undefined;
    readonly input: ToolInputStream | undefined;
  }): ToolContext;
  /** Answers that wait for nobody else. */
  send(answers: readonly ToolAnswer[]): void;
  /** Changes of a call that is not answered yet. */
  tellActions(actions: EventActions): void;
  tellConfirmation(open: OpenConfirmation, callId: string, actions: EventActions): void;
  ended(call: ToolCall): void;
}

/** One go at the call, with what belongs to it alone. */
interface Running {
  readonly attempt: ToolAttempt;
  readonly tap: ToolActionsTap;
  readonly input: ToolInputStream | undefined;
}

type Phase =
  | { readonly kind: 'new' }
  /** `deferred`: a long-running tool has returned; the app answers later. */
  | ({ readonly kind: 'running' | 'streaming' | 'deferred' } & Running)
  | { readonly kind: 'asking'; readonly open: OpenConfirmation }
  | { readonly kind: 'ended' };

/**
 * The life of one call: it runs, may ask a person and run again, may stream, and ends.
 *
 * 1. It is answered for good exactly once, or, when it was cancelled, never. After that nothing of it is heard.
 * 2. It answers with the others of its message unless it would hold them up: then it leaves them.
 * 3. When it ends, the tool's signal has been aborted and its input has ended.
 */
export class ToolCall {
  readonly call: FunctionCall;
  readonly tool: BaseTool | undefined;
  readonly reply: ToolReply;
  readonly #nonBlocking: boolean;
  readonly #host: ToolCallHost;
  readonly #cancelled = new AbortController();
  #occupied: Occupied | undefined;
  #phase: Phase = { kind: 'new' };

  constructor(host: ToolCallHost, call: FunctionCall, tool: BaseTool | undefined) {
    this.#host = host;
    this.call = call;
    this.tool = tool;
    this.#nonBlocking =
      tool !== undefined && declarationFor(tool, host.capabilities)?.behavior === 'NON_BLOCKING';
    this.reply = new ToolReply(call, {
      mayBeScheduled: this.#nonBlocking && host.capabilities.responseScheduling,
      send: (answers) => host.send(answers),
    });
  }

  /** Whether others of its message must not wait for it. */
  get alone(): boolean {
    return this.#nonBlocking || this.tool?.kind === 'longRunning' || this.tool?.kind === 'streaming';
  }

  get streams(): boolean {
    return this.tool?.kind === 'streaming' || this.#phase.kind === 'streaming';
  }

  /** On its way to an answer, by itself or with a person's leave; not one that streams or waits for the app. */
  get running(): boolean {
    return this.#phase.kind === 'new' || this.#phase.kind === 'running' || this.#phase.kind === 'asking';
  }

  get deferred(): boolean {
    return this.#phase.kind === 'deferred';
  }

  start(confirmation?: ToolConfirmation): void {
    const occupied = this.#host.work.occupy(this.call.name);
    this.#occupied = occupied;
    const run = this.#run(occupied, confirmation);
    occupied.hold(run.catch((error: unknown) => this.#answerForGood(errorOutputOf(error))));
  }

  /** Ends the call before it began. */
  refuse(error: string): void {
    this.#answerForGood({ response: { error } });
  }

  hear(request: LiveRequest): void {
    if (this.#phase.kind === 'running' || this.#phase.kind === 'streaming') this.#phase.input?.push(request);
  }

  /** Ends without an answer: nobody wants one, or the app has given it. */
  cancel(): void {
    this.reply.leaveBatch();
    this.#end();
  }

  /** Ends a streaming call at the model's wish; resolves when the tool's code has stopped. */
  async stop(): Promise<void> {
    const told = this.#phase.kind === 'streaming' && !this.#nonBlocking ? 'nothing' : 'response';
    const options: ReplyOptions = { ...this.#lastPart(), scheduling: 'SILENT', toModel: told };
    this.#answerForGood({ response: { status: 'stopped' } }, options);
    await this.#occupied?.released;
  }

  async #run(occupied: Occupied, confirmation: ToolConfirmation | undefined): Promise<void> {
    const running = this.#attempt(occupied, confirmation);
    this.#phase = { kind: 'running', ...running };
    const outcome = await this.#host.pipeline.run(running.attempt);
    if (this.#phase.kind !== 'running') return;
    switch (outcome.kind) {
      case 'answered':
        return this.#answered(outcome, running);
      case 'confirm':
        return this.#ask(outcome, running);
      case 'stream':
        return this.#stream(outcome.stream, running);
    }
  }

  #attempt(occupied: Occupied, confirmation: ToolConfirmation | undefined): Running {
    const { call, tool } = this;
    const abort = new AbortController();
    const input = tool?.inputStream ? new ToolInputStream() : undefined;
    const context = this.#host.contextOf({ call, signal: abort.signal, confirmation, input });
    const attempt: ToolAttempt = {
      toolName: call.name,
      tool,
      args: structuredClone(call.args),
      context,
      cancelled: this.#cancelled.signal,
      abort,
      occupied,
    };
    return { attempt, tap: new ToolActionsTap(context), input };
  }

  #answered({ output, byTool }: Extract<PipelineOutcome, { kind: 'answered' }>, running: Running): void {
    const scheduling = this.tool?.responseScheduling;
    const moreToCome = this.tool?.kind === 'longRunning' && byTool !== false;
    if (!moreToCome || (byTool === 'something' && !this.#nonBlocking)) {
      return this.#answerForGood(output, { scheduling });
    }
    const actions = running.tap.take();
    if (byTool === 'something') this.reply.give(output, actions, { willContinue: true, scheduling });
    else if (hasActions(actions)) this.#host.tellActions(actions);
    this.#phase = { ...running, kind: 'deferred' };
  }

  #ask({ hint, payload }: Extract<PipelineOutcome, { kind: 'confirm' }>, { tap }: Running): void {
    const open = this.#host.confirmations.ask({
      call: this.call,
      hint,
      payload,
      onVerdict: (verdict) => this.#decided(verdict, hint),
    });
    if (!open) return this.refuse('Too many confirmations are open already.');
    this.reply.leaveBatch();
    this.#stopAttempt();
    this.#phase = { kind: 'asking', open };
    this.#host.tellConfirmation(open, this.call.id, tap.take());
    if (!this.#nonBlocking) return;
    this.reply.give({ response: { status: 'awaiting confirmation' } }, NO_ACTIONS, { willContinue: true });
  }

  #decided(verdict: ConfirmationVerdict, hint: string): void {
    if (verdict.confirmed) return this.start({ hint, ...verdict });
    const reason = verdict.expired ? { reason: 'Nobody answered in time.' } : {};
    this.#answerForGood({ response: { error: 'This tool call is rejected.', ...reason } });
  }

  async #stream(stream: AsyncIterable<unknown>, running: Running): Promise<void> {
    const { attempt, tap } = running;
    const { pipeline, clock } = this.#host;
    const { kind, timeoutMs } = this.tool ?? { kind: 'function', timeoutMs: Infinity };
    this.reply.leaveBatch();
    this.#phase = { ...running, kind: 'streaming' };
    const status = { response: { status: STREAMING_STATUS } };
    // said aloud it would only be noise
    const silently = { willContinue: true, scheduling: 'SILENT' } as const;
    this.reply.give(status, tap.take(), this.#nonBlocking ? silently : {});
    try {
      const returned = await pullStream(stream, {
        clock,
        signal: this.#cancelled.signal,
        withinMs: kind === 'streaming' ? timeoutMs : Infinity,
        onExpiry: () => timedOut({ timeoutMs }),
        occupied: attempt.occupied,
        onYield: (value) => this.#yielded(value, running),
      });
      if (returned === undefined) this.#answerForGood({ response: {} }, this.#silentLastPart());
      else this.#answerForGood(await pipeline.told(attempt, returned), this.#lastPart());
    } catch (error) {
      attempt.abort.abort(error);
      this.#answerForGood(await pipeline.failure(attempt, asError(error)), this.#lastPart());
    }
  }

  async #yielded(value: unknown, { attempt, tap }: Running): Promise<void> {
    const chunk = value instanceof StreamChunk ? value : undefined;
    const output = await this.#host.pipeline.told(attempt, chunk ? chunk.value : value);
    if (this.#phase.kind !== 'streaming') return;
    const scheduling = chunk?.scheduling ?? this.tool?.responseScheduling;
    const toModel = this.#nonBlocking ? 'response' : 'text';
    this.reply.give(output, tap.take(), { willContinue: true, scheduling, toModel });
  }

  /** Where the model takes no parts, the status was its answer, and the rest comes as text. */
  #lastPart(): ReplyOptions {
    if (this.#phase.kind !== 'streaming') return {};
    const scheduling = this.tool?.responseScheduling;
    return { willContinue: false, scheduling, toModel: this.#nonBlocking ? 'response' : 'text' };
  }

  /** An end without words, on which the model is not to speak. [src: genai FunctionResponse.willContinue] */
  #silentLastPart(): ReplyOptions {
    return { willContinue: false, scheduling: 'SILENT', toModel: this.#nonBlocking ? 'response' : 'nothing' };
  }

  #answerForGood(output: ToolOutput, options: ReplyOptions = {}): void {
    if (this.#phase.kind === 'ended') return;
    const tap = 'tap' in this.#phase ? this.#phase.tap : undefined;
    this.#end();
    this.reply.give(output, tap?.take() ?? NO_ACTIONS, options);
  }

  #stopAttempt(): void {
    if (!('attempt' in this.#phase)) return;
    this.#phase.attempt.abort.abort();
    this.#phase.input?.end();
  }

  #end(): void {
    if (this.#phase.kind === 'ended') return;
    if (this.#phase.kind === 'asking') this.#phase.open.withdraw();
    this.#stopAttempt();
    this.#phase = { kind: 'ended' };
    this.#cancelled.abort();
    this.#host.ended(this);
  }
}
