import { startEmulator, type RunningEmulator } from '@parley/emulator';
import { functionCallsOf, functionResponsesOf, mediaOf, type Event } from '@parley/event';
import {
  FunctionTool,
  InMemorySessionService,
  LiveRequestQueue,
  LlmAgent,
  Runner,
  TurnTracker,
  type Continuation,
  type LiveFact,
  type SessionService,
} from '@parley/live';
import { until } from '@parley-testing/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GeminiLiveModel } from './gemini-live-model.js';
import { DroppedLine } from './testing/dropped-line.js';

const KEY = { tenantId: 't', appName: 'desk', userId: 'ada', sessionId: 's' };
const seal = {
  seal: (handle: string) => `sealed ${handle}`,
  open: (token: string) => /^sealed (.*)$/.exec(token)?.[1],
};
const quick = { thinkMs: 0, thinkJitterMs: 0, discloses: false, turnEnds: 'immediate', speed: 40 } as const;

interface OwnerOptions {
  readonly sessions: SessionService;
  readonly weather?: () => unknown;
  readonly continuation?: Continuation;
  readonly handle?: string | undefined;
}

/** A process that has the run, as far as the run can tell. */
class Owner {
  readonly queue = new LiveRequestQueue();
  readonly events: Event[] = [];
  readonly facts: LiveFact[] = [];
  readonly acks: string[] = [];
  readonly #line: DroppedLine;
  readonly #turns: TurnTracker;
  readonly #abort = new AbortController();
  readonly #run: Promise<void>;
  #ready = false;
  #killed = false;
  #onEvent: (event: Event) => void = () => undefined;
  #turn = 0;
  #turnOpen = false;

  private constructor(line: DroppedLine, scenario: string, options: OwnerOptions) {
    const { sessions, weather = () => 'sunny', continuation, handle } = options;
    this.#line = line;
    this.#turns = new TurnTracker(continuation);
    const tool = new FunctionTool({ name: 'get_weather', description: 'The weather.', execute: weather });
    const runner = new Runner({
      agent: new LlmAgent({ name: 'desk', instruction: 'Help.', tools: [tool] }),
      model: new GeminiLiveModel({
        provider: { kind: 'emulated', baseUrl: `${line.url}/s/${scenario}` },
        closeGraceMs: 50,
      }),
      sessions: this.#untilKilled(sessions),
      seal,
    });
    const run = runner.runLive({
      key: KEY,
      liveId: 'live_1',
      queue: this.queue,
      signal: this.#abort.signal,
      onReady: () => (this.#ready = true),
      observer: (fact) => this.facts.push(fact),
      onStored: (requestId) => this.acks.push(requestId),
      ...(handle === undefined ? {} : { runConfig: { sessionResumption: { handle } } }),
      ...(continuation ? { continuation } : {}),
    });
    this.#run = this.#read(run);
  }

  static async start(emulator: RunningEmulator, scenario: string, options: OwnerOptions): Promise<Owner> {
    const owner = new Owner(await DroppedLine.to(emulator.url), scenario, options);
    await until('the model', () => owner.#ready);
    return owner;
  }

  type(text: string, requestId: string): void {
    this.queue.sendContent({ role: 'user', parts: [{ text }] }, { requestId });
  }

  async turnsOver(count: number): Promise<void> {
    await until(`${count} turns`, () => this.events.filter((event) => event.turnComplete).length >= count);
  }

  /** The handle that follows the last event like this, as it would be journaled. */
  async handleAfter(is: (event: Event) => boolean): Promise<string | undefined> {
    const handleOf = (event: Event): string | undefined => event.liveSessionResumptionUpdate?.newHandle;
    await until(
      'a handle',
      () =>
        this.events.findLastIndex((event) => handleOf(event) !== undefined) > this.events.findLastIndex(is),
    );
    return this.facts.findLast((fact) => fact.kind === 'handle')?.sealed;
  }

  /** Is killed at the next event like this. */
  killedAt(is: (event: Event) => boolean): Promise<Continuation> {
    return new Promise((resolve) => {
      this.#onEvent = (event) => {
        if (is(event)) resolve(this.kill());
      };
    });
  }

  /** The process is killed: its sockets are reset, and nothing of it reaches the store any more. */
  kill(): Continuation {
    this.#killed = true;
    this.#line.cut();
    const seq = this.events.findLast((event) => event.seq !== undefined)?.seq ?? 0;
    return { seq, turn: this.#turn, turnOpen: this.#turnOpen, speechFollows: false };
  }

  async end(reason?: string): Promise<void> {
    this.#abort.abort(reason);
    await this.#run;
    this.#line.cut();
  }

  get over(): Promise<void> {
    return this.#run;
  }

  get mode(): unknown {
    return this.facts.find((fact) => fact.kind === 'connected')?.mode;
  }

  async #read(run: AsyncIterable<Event>): Promise<void> {
    try {
      for await (const event of run) {
        if (this.#killed) continue;
        this.events.push(event);
        const turn = this.#turns.turnOf(event);
        if (event.outputTranscription ?? mediaOf(event)) [this.#turn, this.#turnOpen] = [turn, true];
        if (event.turnComplete ?? event.interrupted) this.#turnOpen = false;
        this.#onEvent(event);
      }
    } catch (error) {
      if (!this.#killed) throw error;
    }
  }

  #untilKilled(sessions: SessionService): SessionService {
    return {
      createSession: (key, state) => sessions.createSession(key, state),
      getSession: (key, options) => sessions.getSession(key, options),
      listSessions: (scope) => sessions.listSessions(scope),
      deleteSession: (key) => sessions.deleteSession(key),
      raiseFence: (key, fence) => sessions.raiseFence(key, fence),
      appendEvent: (key, event) =>
        this.#killed ? Promise.reject(new Error('killed')) : sessions.appendEvent(key, event),
    };
  }
}

const saidIn = (events: readonly Event[]): readonly string[] =>
  events.flatMap((event) =>
    event.partial !== true && event.outputTranscription ? [event.outputTranscription.text] : [],
  );
const typedIn = (events: readonly Event[]): readonly string[] =>
  events
    .flatMap((event) => (event.author === 'user' ? (event.content?.parts ?? []) : []))
    .flatMap(({ text }) => text ?? []);

describe('a run whose process is killed goes on in another one', () => {
  let emulator: RunningEmulator;
  beforeAll(async () => {
    emulator = await startEmulator({
      scenarios: { quick, calling: { ...quick, turnEndsAtCall: true, resumableWhileCalling: true } },
    });
  });
  afterAll(() => emulator.close());

  const stored = async (sessions: SessionService): Promise<readonly Event[]> =>
    (await sessions.getSession(KEY))?.events ?? [];

  it.each([
    ['with the handle', (handle?: string) => handle, 'handle'],
    ['without one', () => undefined, 'history'],
    ['with one that the provider does not take', () => 'sealed made-up', 'history'],
  ] as const)('in the middle of an answer, %s', async (_how, handleOf, mode) => {
    const sessions = new InMemorySessionService();
    const first = await Owner.start(emulator, 'quick', { sessions });
    first.type('My name is Ada.', 'm1');
    await first.turnsOver(1);
    const handle = await first.handleAfter((event) => event.turnComplete === true);
    const killed = first.killedAt((event) => mediaOf(event) !== undefined);
    first.type('What is my name?', 'm2');
    const continuation = await killed;
    expect(continuation).toMatchObject({ turn: 2, turnOpen: true });

    const next = await Owner.start(emulator, 'quick', { sessions, continuation, handle: handleOf(handle) });
    next.type('What is my name?', 'm2');
    expect(next.acks).toEqual(['m2']);
    await next.turnsOver(1);
    next.type('Thank you.', 'm3');
    await next.turnsOver(2);
    expect(next.mode).toBe(mode);
    expect(next.events[0]).toMatchObject({
      interrupted: true,
      seq: continuation.seq + 1,
      invocationId: 'e-1',
    });
    const [answer, ...others] = saidIn(next.events);
    expect(answer).toContain('Ada');
    expect(others).toHaveLength(1);
    await next.end();
    const events = await stored(sessions);
    expect(typedIn(events)).toEqual(['My name is Ada.', 'What is my name?', 'Thank you.']);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    await first.end();
  });

  it('and is off the model’s socket when it is over here', async () => {
    const sessions = new InMemorySessionService();
    const owner = await Owner.start(emulator, 'quick', { sessions });
    owner.type('Tell me a story.', 'm1');
    await until('the story', () => owner.events.some((event) => mediaOf(event)));
    const open = (): number => emulator.control.sessions().filter(({ closed }) => !closed).length;
    expect(open()).toBe(1);
    const before = owner.events.length;
    let openAtTheEnd: number | undefined;
    void owner.over.then(() => (openAtTheEnd = open()));
    await owner.end('moved');
    expect(openAtTheEnd).toBe(0);
    expect(owner.events.slice(before)).toEqual([]);
    expect(typedIn(await stored(sessions))).toEqual(['Tell me a story.']);
  });

  it.each([
    ['that the model’s session knows, and still waits for', 'calling', 'handle'],
    ['that the model’s session does not know', 'quick', 'history'],
  ])('in the middle of a tool’s call %s', async (_what, scenario, mode) => {
    const sessions = new InMemorySessionService();
    const first = await Owner.start(emulator, scenario, {
      sessions,
      weather: () => new Promise(() => undefined),
    });
    first.type('Hello.', 'm1');
    await first.turnsOver(1);
    await first.handleAfter((event) => event.turnComplete === true);
    first.type('What is the weather?', 'm2');
    const isCall = (event: Event): boolean => functionCallsOf(event).length > 0;
    await until('the call', () => first.events.some(isCall));
    const handle = await first.handleAfter(mode === 'handle' ? isCall : () => false);
    for (let isStored = false; !isStored;) isStored = (await stored(sessions)).some(isCall);
    const continuation = first.kill();

    const next = await Owner.start(emulator, scenario, { sessions, continuation, handle });
    await until('an answer', () => saidIn(next.events).length > 0);
    expect(next.mode).toBe(mode);
    await next.turnsOver(1);
    await next.end();
    const events = await stored(sessions);
    const calls = events.flatMap(functionCallsOf).map(({ id }) => id);
    const responses = events.flatMap(functionResponsesOf);
    expect(responses.map(({ id }) => id).sort()).toEqual([...calls].sort());
    expect(JSON.stringify(responses[0]?.response)).toContain('not known');
    expect(calls).toHaveLength(mode === 'handle' ? 1 : 2);
    expect(typedIn(events)).toEqual(['Hello.', 'What is the weather?']);
    await first.end();
  });
});
