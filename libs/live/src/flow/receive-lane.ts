import type { Event, Part, UsageMetadata } from '@parley/event';
import type { LlmAgent } from '../agent/llm-agent.js';
import type { LiveConnection, LiveServerMessage } from '../model/live-model.js';
import type { LlmResponse } from '../model/llm.js';
import type { Invocation } from '../runner/invocation.js';
import { EventAssembler } from './event-assembler.js';
import type { ModelScreen } from './model-screen.js';
import { OutputMute } from './output-mute.js';
import { OutputScreen } from './output-screen.js';
import { SpokenScreen } from './spoken-screen.js';
import { asWritten } from './text-mode.js';
import type { ToolDispatch } from './tool-dispatch.js';
import { TurnRecord } from './turn-record.js';

export interface ReceiveLaneParts {
  readonly invocation: Invocation;
  readonly agent: LlmAgent;
  readonly connection: LiveConnection;
  readonly tools: ToolDispatch;
  readonly screen: ModelScreen;
  /** A guardrail refused what was said: this session of the model is over. */
  readonly blocked: () => void;
}

/**
 * From the model's messages to the run's events.
 *
 * 1. Nothing here waits: not for tools, not for the store, not for readers. Only a guardrail on spoken input holds
 *    the model's answer back.
 * 2. On `interrupted` unread audio is discarded before it is told, and what the model still says of that turn is
 *    dropped (I10).
 * 3. Tools start on `toolCall`.
 */
export class ReceiveLane {
  readonly #parts: ReceiveLaneParts;
  readonly #assembler: EventAssembler;
  readonly #mute: OutputMute;
  readonly #spoken: SpokenScreen | undefined;
  readonly #said: OutputScreen | undefined;
  readonly #record: TurnRecord;
  readonly #asText: boolean;
  readonly #model: string;
  /** Finished transcripts of the user since the model last ended a turn. */
  #heardIds: string[] = [];
  #closed = false;

  constructor(parts: ReceiveLaneParts) {
    this.#parts = parts;
    const { invocation, agent, connection, screen } = parts;
    const { model, runConfig, events, clock, heardMarks } = invocation;
    this.#model = agent.model ?? model.info.model;
    const { liveSessionId } = connection;
    this.#assembler = new EventAssembler(events, agent.name, {
      modelVersion: this.#model,
      ...(liveSessionId === undefined ? {} : { liveSessionId }),
    });
    this.#mute = new OutputMute(clock);
    this.#record = new TurnRecord(heardMarks);
    this.#asText =
      runConfig.responseModalities[0] === 'TEXT' && !model.capabilitiesOf(agent.model).textModality;
    if (screen.screensInput) {
      this.#spoken = new SpokenScreen({
        mayPass: (heard) => this.#mayPass(screen.input({ role: 'user', parts: [{ text: heard }] }), 'heard'),
        forward: (message) => this.#process(message),
        finishHeard: () => this.#emitAll(this.#assembler.finishHeard()),
      });
    }
    if (screen.screensOutput)
      this.#said = new OutputScreen((said) => this.#mayPass(screen.output(said), 'said'));
  }

  receive(message: LiveServerMessage): void {
    if (message.usageMetadata) this.#count(message.usageMetadata);
    if (this.#closed) return;
    const { invocation, agent } = this.#parts;
    const { observe } = invocation;
    if (message.resumed) observe({ kind: 'resumed', ...message.resumed });
    if (message.restarted) {
      observe({ kind: 'restarted', reason: 'connection_lost' });
      observe({ kind: 'handleVoid', agentName: agent.name });
    }
    if (message.sessionResumptionUpdate) this.#resumption(message.sessionResumptionUpdate);
    const heard = this.#mute.filter(message);
    if (this.#spoken) this.#spoken.accept(heard);
    else this.#process(heard);
  }

  /** The client's own stop: the client is told at once, whatever the model makes of it. */
  interruptByClient(): void {
    this.#parts.connection.interrupt();
    this.#mute.interruptedByClient();
    if (this.#spoken) this.#spoken.accept({ interrupted: true });
    else this.#process({ interrupted: true });
  }

  /** What is still open is told; nothing that comes later is. */
  close(): void {
    if (this.#closed) return;
    this.#spoken?.end();
    this.#closed = true;
    const { stream, ended } = this.#parts.invocation;
    const hungUpIn = ended.aborted ? stream.turn : undefined;
    this.#emitAll(this.#assembler.finish());
    this.#record.close(hungUpIn);
  }

  #process(given: LiveServerMessage): void {
    if (this.#closed) return;
    const message = this.#asText ? asWritten(given) : given;
    const { invocation, tools } = this.#parts;
    const { caps, blobs, stream } = invocation;
    if (message.parts || message.outputTranscription || message.inputTranscription) caps.activity();
    this.#noteOutput(message);
    if (message.generationComplete) this.#record.generated();
    const turn = stream.turn;
    if (message.interrupted) stream.discardMedia();
    if (message.toolCalls) {
      const { turnComplete: _1, interrupted: _2, generationComplete: _3, ...before } = message;
      this.#emitAll(this.#assembler.accept(before));
      this.#emitAll(this.#assembler.beforeToolCall());
      tools.call(message.toolCalls);
      this.#emitAll(this.#assembler.accept(endOf(message)));
    } else {
      this.#emitAll(this.#assembler.accept(message));
    }
    if (message.cancelledToolCallIds) tools.cancel(message.cancelledToolCallIds);
    if (message.interrupted) {
      this.#record.interrupted(turn);
      blobs?.flush('model');
    }
    if (message.turnComplete || message.interrupted) this.#said?.turnEnded();
    if (message.turnComplete) {
      this.#record.completed();
      blobs?.flush('all');
      caps.turnEnded();
    }
  }

  /** What the provider counted is counted, whatever else becomes of the message (I8). */
  #count(usage: UsageMetadata): void {
    const { invocation, agent } = this.#parts;
    invocation.observe({ kind: 'usage', agentName: agent.name, model: this.#model, usage });
    invocation.caps.used(usage);
  }

  #noteOutput({ parts, outputTranscription }: LiveServerMessage): void {
    const { blobs } = this.#parts.invocation;
    for (const { inlineData } of parts ?? []) {
      if (!inlineData) continue;
      this.#record.audio(audioMs(inlineData));
      blobs?.output(inlineData, this.#parts.agent.name);
    }
    const said = outputTranscription?.text ?? (parts ? answerText(parts) : '');
    if (outputTranscription) this.#record.text(said);
    this.#said?.accept(said);
  }

  #resumption(update: NonNullable<LiveServerMessage['sessionResumptionUpdate']>): void {
    const { invocation, agent } = this.#parts;
    const { events, key, observe, seal, stream } = invocation;
    const { newHandle, ...told } = update;
    const sealed = newHandle && seal ? seal.seal(newHandle, key) : undefined;
    if (newHandle) {
      const fact = { kind: 'handle', agentName: agent.name, handle: newHandle } as const;
      observe(sealed === undefined ? fact : { ...fact, sealed });
    }
    const kept = sealed === undefined ? {} : { newHandle: sealed };
    stream.emit(events.make(agent.name, { liveSessionResumptionUpdate: { ...kept, ...told } }));
  }

  async #mayPass(verdict: Promise<LlmResponse | undefined>, about: 'heard' | 'said'): Promise<boolean> {
    const blocked = await verdict;
    if (!blocked || this.#closed) return !blocked;
    const { screen, invocation } = this.#parts;
    const { stream, events } = invocation;
    // what the user went on to say has not been judged: it is kept, and refused with the rest
    this.#spoken?.end();
    this.#emitAll(this.#assembler.finishHeard());
    const eventIds = about === 'heard' ? this.#heardIds : [];
    // of what the model said and the client may still have to play, nothing is to be heard, be the turn over or not
    if (about === 'said' || this.#mute.modelActive) {
      stream.discardMedia();
      stream.emit(events.make(this.#parts.agent.name, { interrupted: true }));
    }
    stream.emit(screen.blockEvent(blocked, eventIds));
    this.#closed = true;
    this.#record.close();
    this.#parts.blocked();
    return false;
  }

  #emitAll(events: readonly Event[]): void {
    for (const event of events) this.#emit(event);
  }

  #emit(event: Event): void {
    const { invocation, agent } = this.#parts;
    if (event.inputTranscription?.finished) this.#heardIds.push(event.id);
    if (event.turnComplete) this.#heardIds = [];
    const told = withOutputKey(event, agent.outputKey);
    invocation.stream.emit(told, event.outputTranscription?.finished ? this.#record.kept() : undefined);
  }
}

function endOf({
  turnComplete,
  interrupted,
  generationComplete,
  turnCompleteReason,
}: LiveServerMessage): LiveServerMessage {
  return {
    ...(generationComplete ? { generationComplete } : {}),
    ...(interrupted ? { interrupted } : {}),
    ...(turnComplete ? { turnComplete } : {}),
    ...(turnCompleteReason ? { turnCompleteReason } : {}),
  };
}

/** The model's audio is PCM16 mono; its rate stands in the type, 24 kHz where it does not. */
function audioMs({ mimeType, data }: { readonly mimeType: string; readonly data: Uint8Array }): number {
  if (!mimeType.startsWith('audio/')) return 0;
  const rate = Number(/rate=(\d+)/.exec(mimeType)?.[1] ?? 24_000);
  return data.byteLength / (rate / 500);
}

function answerText(parts: readonly Part[]): string {
  return parts.map((part) => (part.thought ? '' : (part.text ?? ''))).join('');
}

/** The agent's last words go into the state, where it asked for that. */
function withOutputKey(event: Event, outputKey: string | undefined): Event {
  if (outputKey === undefined || event.partial !== false || event.author === 'user') return event;
  const whole = wholeText(event);
  if (whole === undefined) return event;
  const stateDelta = { ...event.actions.stateDelta, [outputKey]: whole };
  return { ...event, actions: { ...event.actions, stateDelta } };
}

/** The text of an event that holds a whole answer of the model. */
function wholeText({ outputTranscription, content }: Event): string | undefined {
  if (outputTranscription) return outputTranscription.text;
  const [part] = content?.parts ?? [];
  return part?.text !== undefined && !part.thought ? part.text : undefined;
}
