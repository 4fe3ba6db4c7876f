import type { Content, Event, FunctionResponse } from '@parley/event';
import { ParleyError, toParleyError, withDeadline } from '@parley/kernel';
import type { LlmAgent } from '../agent/llm-agent.js';
import type { LiveConnection } from '../model/live-model.js';
import type { Invocation } from '../runner/invocation.js';
import type { LiveRequest } from '../runner/live-request.js';
import { applyDelta } from '../session/state-scope.js';
import type { ModelScreen } from './model-screen.js';
import type { ToolDispatch } from './tool-dispatch.js';

/** Requests that may wait while a typed message is being looked at. */
const MAX_WAITING = 256;
/** A message over which a plugin takes longer is not sent. */
const PLUGIN_MS = 10_000;

type ContentRequest = Extract<LiveRequest, { kind: 'content' }>;
/** What keeps its order behind a typed message. */
type Control = Exclude<LiveRequest, { kind: 'realtime' | 'playback' | 'interrupt' }>;

export interface SendLaneParts {
  readonly invocation: Invocation;
  readonly agent: LlmAgent;
  readonly connection: LiveConnection;
  readonly tools: ToolDispatch;
  readonly screen: ModelScreen;
  /** The client wants the model to stop. */
  readonly interrupt: () => void;
  readonly problem: (error: ParleyError) => void;
}

/**
 * From the client's requests to the model.
 *
 * 1. `send` never waits and never throws. Requests reach the model in their order; only while a guardrail looks at
 *    a typed message do the controls behind it wait (audio does not).
 * 2. What the user typed is kept in the session before the model has it, once, also when a guardrail blocks it; what
 *    has not been let through when the agent leaves the line is given back, for the next agent's guardrails.
 * 3. A message with a name is taken once. One that can not be dealt with counts as dealt with, so that its sender does
 *    not send it again.
 * 4. Answers to tools go to the tools first: a confirmation is no business of the model's.
 */
export class SendLane {
  readonly #parts: SendLaneParts;
  readonly #screensTyped: boolean;
  /** Behind a message that is being looked at; undefined when none is. */
  #waiting: Control[] | undefined;
  #screening: ContentRequest | undefined;
  #partials: ContentRequest[] = [];
  /** A closing queue waits no longer for the message under way. */
  #letGo: () => void = () => undefined;
  #closed = false;

  constructor(parts: SendLaneParts) {
    this.#parts = parts;
    this.#screensTyped = parts.screen.screensInput || parts.invocation.plugins.has('onUserMessageCallback');
  }

  send(request: LiveRequest): void {
    if (this.#closed) return;
    const { invocation, tools, connection, interrupt } = this.#parts;
    if (request.kind === 'playback') return;
    if (request.kind === 'interrupt') return interrupt();
    tools.mirror(request);
    if (request.kind === 'realtime') {
      this.#applyState(request);
      invocation.blobs?.input(request.blob);
      return connection.sendRealtime(request.blob);
    }
    if (!this.#waiting) this.#act(request);
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(request);
    else this.#refuse(request);
  }

  /** Answers what the model has not been given: a typed message under way, and what waits behind it. */
  close(): readonly Control[] {
    this.#closed = true;
    this.#parts.invocation.requests.giveBack(this.#screening?.requestId);
    const left = [...this.#partials, ...(this.#screening ? [this.#screening] : []), ...(this.#waiting ?? [])];
    this.#waiting = undefined;
    this.#screening = undefined;
    this.#letGo();
    return left;
  }

  #act(request: Control): void {
    const { connection, invocation } = this.#parts;
    if (request.kind === 'content') return this.#content(request);
    this.#applyState(request);
    if (request.kind === 'state') return;
    invocation.caps.activity();
    if (request.kind === 'activityStart') connection.sendActivityStart();
    else if (request.kind === 'activityEnd') connection.sendActivityEnd();
    else connection.sendAudioStreamEnd();
  }

  #content(request: ContentRequest): void {
    const { connection, invocation, tools } = this.#parts;
    invocation.caps.activity();
    if (!invocation.requests.take(request.requestId)) return;
    const responses = request.content.parts.flatMap((part) => part.functionResponse ?? []);
    if (responses.length > 0) {
      this.#applyState(request);
      const wanted = responses.filter(({ id }) => !invocation.lostCallIds.has(id));
      return this.#answerTools(tools.answer(wanted), request);
    }
    if (this.#screensTyped) return this.#screen(request);
    const told: Content = { ...request.content, role: request.content.role ?? 'user' };
    if (!request.partial) return this.#tell(told, request);
    this.#applyState(request);
    connection.sendContent(told, { partial: true });
  }

  /** A turn that comes in parts is looked at as a whole: until then the model gets nothing of it. */
  #screen(request: ContentRequest): void {
    if (request.partial) {
      if (this.#partials.length < MAX_WAITING) this.#partials.push(request);
      else this.#parts.problem(new ParleyError('rate_limited', 'The message comes in too many parts.'));
      return;
    }
    const parts = [...this.#partials, request].flatMap(({ content }) => content.parts);
    const stateDelta = mergedState([...this.#partials, request]);
    const content: Content = { role: request.content.role ?? 'user', parts };
    const whole: ContentRequest = { ...request, content, ...(stateDelta ? { stateDelta } : {}) };
    this.#partials = [];
    this.#screening = whole;
    this.#waiting = [];
    const { inputUnderWay } = this.#parts.invocation;
    const decided = new Promise<void>((resolve) => (this.#letGo = resolve));
    inputUnderWay.add(decided);
    void decided.then(() => inputUnderWay.delete(decided));
    void this.#screenTyped(whole)
      .catch((error: unknown) => this.#failed(whole, error))
      .then(() => this.#goOn());
  }

  /** What came of a long-running tool: the model is told, and the session keeps it. */
  #answerTools(responses: readonly FunctionResponse[], { requestId }: LiveRequest): void {
    const { connection, invocation } = this.#parts;
    const { events, requests, stream } = invocation;
    if (responses.length === 0) return requests.settled(requestId);
    connection.sendToolResponse(responses);
    const parts = responses.map((functionResponse) => ({ functionResponse }));
    stream.keep(events.make('user', { ...requests.idOf(requestId), content: { role: 'user', parts } }));
  }

  #tell(content: Content, request: LiveRequest): void {
    this.#keep(content, request);
    this.#parts.connection.sendContent(content);
  }

  #keep(content: Content, { requestId, stateDelta }: LiveRequest): Event {
    const { events, requests, stream } = this.#parts.invocation;
    const actions = stateDelta ? { actions: { stateDelta } } : {};
    const kept = events.make('user', { ...requests.idOf(requestId), content, ...actions });
    stream.keep(kept);
    return kept;
  }

  async #screenTyped(request: ContentRequest): Promise<void> {
    const { content } = request;
    const { invocation, agent, screen, connection } = this.#parts;
    const { plugins, events, stream, key, clock } = invocation;
    const about = { ...key, invocationId: events.invocationId, agentName: agent.name };
    const asked = plugins.ask('onUserMessageCallback', { invocation: about, userMessage: content });
    const late = (): Error => new ParleyError('internal', 'A plugin took too long over a message.');
    const other = await withDeadline(clock, PLUGIN_MS, asked, late);
    const told = other ?? content;
    const verdict = screen.screensInput ? await screen.input(told) : undefined;
    if (this.#closed) return;
    const kept = this.#keep(told, request);
    this.#screening = undefined;
    if (verdict) stream.emit(screen.blockEvent(verdict, [kept.id]));
    else connection.sendContent(told);
  }

  /** It is not sent again: the client is told what was wrong with it. */
  #failed({ requestId }: LiveRequest, error: unknown): void {
    this.#parts.problem(toParleyError(error));
    if (!this.#closed) this.#parts.invocation.requests.settled(requestId);
  }

  #refuse(request: Control): void {
    const tooMany = new ParleyError('rate_limited', 'Too many messages are waiting for the agent.');
    this.#failed(request, tooMany);
  }

  #goOn(): void {
    this.#letGo();
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    this.#screening = undefined;
    for (const [at, request] of waiting.entries()) {
      this.#act(request);
      if (this.#waiting) {
        this.#waiting = waiting.slice(at + 1);
        return;
      }
    }
  }

  #applyState({ stateDelta }: LiveRequest): void {
    if (!stateDelta) return;
    const { events, stream } = this.#parts.invocation;
    stream.keep(events.make('user', { actions: { stateDelta } }));
  }
}

function mergedState(requests: readonly ContentRequest[]): Readonly<Record<string, unknown>> | undefined {
  const deltas = requests.flatMap(({ stateDelta }) => (stateDelta ? [stateDelta] : []));
  const merged: Record<string, unknown> = {};
  for (const delta of deltas) applyDelta(merged, delta);
  return deltas.length > 0 ? merged : undefined;
}
