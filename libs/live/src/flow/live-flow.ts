import { mediaOf, type Content, type Event, type FunctionCall } from '@parley/event';
import { AsyncQueue, ParleyError, type IdFactory } from '@parley/kernel';
import type { LiveConnection, LiveConnectionEnd, LiveServerMessage } from '../model/live-model.js';
import type { LiveRequest } from '../runner/live-request.js';
import type { SessionWriter } from '../session/session-writer.js';
import { EventAssembler } from './event-assembler.js';
import type { EventFactory } from './event-factory.js';
import type { ToolDispatch } from './tool-dispatch.js';

/** Events that may wait for the consumer; a consumer that far behind has stopped reading. */
const MAX_WAITING_EVENTS = 8_192;

/** Ids that this side made for calls that came without one; the model never sees them. [src: adk-python functions.py] */
const OWN_CALL_ID = 'adk';

export interface LiveFlowParts {
  readonly agentName: string;
  readonly connection: LiveConnection;
  readonly events: EventFactory;
  readonly writer: SessionWriter;
  readonly tools: ToolDispatch;
  readonly newId: IdFactory;
}

/**
 * One agent on one connection: requests go to the model, the model's messages come out as events.
 *
 * 1. Nothing here waits for anything: not for tools, not for the session store, not for whoever reads the events.
 * 2. When the model is interrupted, its audio that has not been read yet is discarded before `interrupted` comes
 *    out (I10).
 * 3. Tools start on `toolCall`; their answer goes straight to the model, whether or not anyone reads events.
 * 4. `close` is idempotent; what was queued before it still comes out, then `events` ends.
 */
export class LiveFlow {
  readonly #parts: LiveFlowParts;
  readonly #out = new AsyncQueue<Event>({ capacity: MAX_WAITING_EVENTS });
  readonly #assembler: EventAssembler;
  readonly #underWay = new Set<Promise<void>>();
  #modelActive = false;
  /** The client interrupted; the model has not noticed yet. */
  #muted = false;

  constructor(parts: LiveFlowParts) {
    this.#parts = parts;
    this.#assembler = new EventAssembler(parts.events, parts.agentName);
  }

  get events(): AsyncIterable<Event> {
    return this.#out;
  }

  start(): void {
    this.#parts.connection.listen({
      onMessage: (message) => this.#receive(message),
      onEnd: (end) => this.#connectionEnded(end),
    });
  }

  /** One request of the client, on its way to the model. */
  send(request: LiveRequest): void {
    const { connection } = this.#parts;
    switch (request.kind) {
      case 'realtime':
        return connection.sendRealtime(request.blob);
      case 'content':
        return this.#sendContent(request.content);
      case 'activityStart':
        return connection.sendActivityStart();
      case 'activityEnd':
        return connection.sendActivityEnd();
      case 'audioStreamEnd':
        return connection.sendAudioStreamEnd();
      case 'interrupt':
        return this.#interrupt();
    }
  }

  close(): void {
    this.#parts.tools.cancelAll();
    for (const event of this.#assembler.finish()) this.#emit(event);
    this.#out.close();
    this.#parts.connection.close();
  }

  /** Resolves when no tool is running any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #sendContent(content: Content): void {
    const { connection, events, writer } = this.#parts;
    if (content.parts.some((part) => part.functionCall)) {
      throw new ParleyError('invalid_message', 'A user message can not contain function calls.', {
        kind: 'invalid_argument',
      });
    }
    const responses = content.parts.flatMap((part) => (part.functionResponse ? [part.functionResponse] : []));
    if (responses.length > 0) return connection.sendToolResponse(responses);
    const told: Content = { role: 'user', ...content };
    writer.append(events.make('user', { content: told }));
    connection.sendContent(told);
  }

  #interrupt(): void {
    this.#parts.connection.interrupt();
    if (this.#modelActive) this.#muted = true;
    this.#modelActive = false;
    this.#discardMedia();
    for (const event of this.#assembler.accept({ interrupted: true })) this.#emit(event);
  }

  #receive(message: LiveServerMessage): void {
    const heard = this.#muted ? this.#whileMuted(message) : message;
    if (heard.interrupted) this.#discardMedia();
    if (heard.parts || heard.outputTranscription || heard.toolCalls) this.#modelActive = true;
    if (heard.turnComplete || heard.interrupted) this.#modelActive = false;
    if (heard.toolCalls) this.#startTools(heard.toolCalls);
    for (const event of this.#assembler.accept(heard)) this.#emit(event);
    if (heard.cancelledToolCallIds) this.#parts.tools.cancel(heard.cancelledToolCallIds);
  }

  /** Output of a turn that the client has stopped already is dropped until the model ends it. */
  #whileMuted(message: LiveServerMessage): LiveServerMessage {
    const { parts: _parts, outputTranscription: _said, interrupted, ...rest } = message;
    if (interrupted || message.turnComplete) this.#muted = false;
    return rest;
  }

  #startTools(incoming: readonly FunctionCall[]): void {
    const { agentName, connection, events, newId, tools } = this.#parts;
    const calls = incoming.map((call) =>
      call.id ? call : { ...call, id: newId(OWN_CALL_ID).replace('_', '-') },
    );
    for (const event of this.#assembler.beforeToolCall()) this.#emit(event);
    const parts = calls.map((functionCall) => ({ functionCall }));
    this.#emit(events.make(agentName, { content: { role: 'model', parts }, longRunningToolIds: [] }));
    const work = tools.run(calls).then(({ responses, stateDelta }) => {
      if (responses.length === 0) return;
      connection.sendToolResponse(responses.map((response) => withoutOwnId(response, incoming)));
      const answered = responses.map((functionResponse) => ({ functionResponse }));
      this.#emit(
        events.make(agentName, {
          content: { role: 'user', parts: answered },
          actions: { stateDelta, artifactDelta: {} },
        }),
      );
    });
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
  }

  #connectionEnded(end: LiveConnectionEnd): void {
    for (const event of this.#assembler.finish()) this.#emit(event);
    if (end.kind !== 'client_closed') {
      const { agentName, events } = this.#parts;
      this.#emit(events.make(agentName, { errorCode: end.errorCode, errorMessage: end.reason }));
    }
    this.close();
  }

  #discardMedia(): void {
    this.#out.discard((event) => mediaOf(event) !== undefined);
  }

  #emit(event: Event): void {
    this.#parts.writer.append(event);
    if (this.#out.push(event) || this.#out.closed) return;
    this.#out.fail(new ParleyError('slow_consumer', 'Nobody reads the events of this run.'));
    this.close();
  }
}

function withoutOwnId<T extends { readonly id: string }>(response: T, calls: readonly FunctionCall[]): T {
  return calls.some((call) => call.id === response.id) ? response : { ...response, id: '' };
}
