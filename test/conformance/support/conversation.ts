import { functionCallsOf, functionResponsesOf, mediaOf, type Event } from '@parley/event';
import type {
  ArtifactService,
  LiveFact,
  LiveRequestQueue,
  RunConfig,
  Runner,
  SessionKey,
  SessionService,
} from '@parley/live';
import type { ClientMessage, ModelSide } from './model-side.js';
import { found, includes, until, type Shape } from './wait.js';

export interface ConversationParts {
  readonly key: SessionKey;
  readonly queue: LiveRequestQueue;
  readonly sessions: SessionService;
  readonly artifacts: ArtifactService;
  readonly runConfig: RunConfig;
  readonly runner: Runner;
  /** Connections of this run at the model, oldest first. */
  readonly connections: () => readonly ModelSide[];
}

/** A run as a test sees it: the client's end (queue and events), the model's end, and what is stored. */
export class Conversation {
  readonly key: SessionKey;
  readonly queue: LiveRequestQueue;
  readonly runner: Runner;
  readonly sessions: SessionService;
  readonly artifacts: ArtifactService;
  /** Everything the client was told so far. */
  readonly events: Event[] = [];
  readonly facts: LiveFact[] = [];
  /** The model has accepted the set-up. */
  ready = false;
  /** What the run threw. */
  failure: unknown;
  ended = false;
  readonly #parts: ConversationParts;
  readonly #abort = new AbortController();
  readonly #run: Promise<void>;
  #reading: Promise<void> = Promise.resolve();

  constructor(parts: ConversationParts) {
    this.#parts = parts;
    this.key = parts.key;
    this.queue = parts.queue;
    this.runner = parts.runner;
    this.sessions = parts.sessions;
    this.artifacts = parts.artifacts;
    this.#run = this.#read();
  }

  get connections(): readonly ModelSide[] {
    return this.#parts.connections();
  }

  /** For a run whose set-up is held. */
  acceptSetup(): void {
    this.model.send({ setupComplete: {} });
  }

  /** The newest connection at the model. */
  get model(): ModelSide {
    const newest = this.connections.at(-1);
    if (!newest) throw new Error('nothing is connected to the model');
    return newest;
  }

  /** The `at`th connection (from 0), once there is one. */
  connection(at: number): Promise<ModelSide> {
    return found(
      `connection ${at}`,
      () => this.connections[at],
      () => `${this.connections.length} connections; ${this.told}`,
    );
  }

  /**
   * All that the newest connection was sent by now, in order. Two marks, the second sent when the first has come in,
   * show that nothing is under way any more; they are left out.
   */
  async sent(): Promise<readonly ClientMessage[]> {
    const { model } = this;
    const mark = { realtimeInput: { audioStreamEnd: true } };
    for (const _mark of ['first', 'second']) {
      const marks = model.all(mark).length;
      this.queue.sendAudioStreamEnd();
      await this.until('a mark at the model', () => model.all(mark).length > marks);
    }
    return model.messages.filter((message) => !includes(message, mark));
  }

  /** The first event that has all of `shape`, from index `from` on, as soon as it is told. */
  event(shape: Shape<Event>, from = 0): Promise<Event> {
    return found(
      `an event with ${JSON.stringify(shape)}`,
      () => this.events.slice(from).find((event) => includes(event, shape)),
      () => this.told,
    );
  }

  /** Resolves when `holds`. */
  until(what: string, holds: () => boolean): Promise<void> {
    return until(what, holds, () => this.told);
  }

  /** All events with all of `shape`, so far. */
  eventsWith(shape: Shape<Event>): readonly Event[] {
    return this.events.filter((event) => includes(event, shape));
  }

  /** What the events were about, in order, repeats included. */
  get kinds(): readonly string[] {
    return this.events.map(kindOf);
  }

  async stored(key: SessionKey = this.key): Promise<readonly Event[]> {
    return (await this.sessions.getSession(key))?.events ?? [];
  }

  async state(key: SessionKey = this.key): Promise<Readonly<Record<string, unknown>>> {
    return (await this.sessions.getSession(key))?.state ?? {};
  }

  /** The client stops reading events until the function that is returned is called. */
  pauseReading(): () => void {
    let resume: () => void = () => undefined;
    this.#reading = new Promise((resolve) => (resume = resolve));
    return resume;
  }

  /** The client hangs up; resolves when the run is over and everything is stored. */
  async end(): Promise<readonly Event[]> {
    this.queue.close();
    return this.over();
  }

  /** Breaks the run off, as when its host goes down. */
  abort(): void {
    this.#abort.abort();
  }

  /** Resolves when the run is over, for whatever reason. */
  async over(): Promise<readonly Event[]> {
    await until(
      'the end of the run',
      () => this.ended,
      () => this.told,
    );
    return this.events;
  }

  /** For the kit: ends what a test has left open. */
  async close(): Promise<void> {
    this.queue.close();
    this.abort();
    await this.#run;
  }

  get told(): string {
    const end = this.ended
      ? ` | over${this.failure instanceof Error ? `: ${this.failure.message}` : ''}`
      : '';
    return this.kinds.join(', ') + end;
  }

  async #read(): Promise<void> {
    const { key, queue, runConfig } = this.#parts;
    const run = this.runner.runLive({
      key,
      liveId: `live_${key.sessionId}`,
      queue,
      runConfig,
      signal: this.#abort.signal,
      observer: (fact) => this.facts.push(fact),
      onReady: () => (this.ready = true),
    });
    try {
      for await (const event of run) {
        this.events.push(event);
        await this.#reading;
      }
    } catch (error) {
      this.failure = error;
    } finally {
      this.ended = true;
    }
  }
}

function kindOf(event: Event): string {
  if (event.errorCode) return `error ${event.errorCode}`;
  if (event.interrupted) return event.turnComplete ? 'interrupted turnComplete' : 'interrupted';
  if (event.turnComplete) return 'turnComplete';
  const calls = functionCallsOf(event);
  if (calls.length > 0) return `call ${calls.map(({ name }) => name).join('+')}`;
  const responses = functionResponsesOf(event);
  if (responses.length > 0) return `response ${responses.map(({ name }) => name).join('+')}`;
  const partial = event.partial === true ? 'partial ' : '';
  if (event.inputTranscription) return `${partial}heard "${event.inputTranscription.text}"`;
  if (event.outputTranscription) return `${partial}said "${event.outputTranscription.text}"`;
  if (mediaOf(event)) return 'audio';
  const [part] = event.content?.parts ?? [];
  if (part?.fileData) return 'file';
  if (part?.text !== undefined) return `${partial}${part.thought ? 'thought' : 'text'} "${part.text}"`;
  if (event.usageMetadata) return 'usage';
  if (event.groundingMetadata) return 'grounding';
  if (event.voiceActivity) return event.voiceActivity.voiceActivityType;
  if (event.cancelledToolCallIds) return 'cancelled';
  if (event.liveSessionResumptionUpdate) return 'resumption';
  if (event.liveSessionRestarted) return 'restarted';
  return Object.keys(event.actions.stateDelta).length > 0 ? 'state' : 'other';
}
