import { connectLive, type ParleyApi, type ParleyClient, type SessionGrant } from '@parley/client';
import { speech } from '@parley-testing/emulator';
import type { Gateways } from './gateways.js';
import type { History, Utterance } from './history.js';
import type { SeededRandom, WordSource } from './seeded-random.js';
import { TappedLine } from './tapped-line.js';
import { until } from '../support/until.js';

export interface CallerOptions {
  readonly name: string;
  readonly gateways: Gateways;
  readonly history: History;
  readonly random: SeededRandom;
  readonly words: WordSource;
  /** How long an answer may take, also while something is broken. */
  readonly patienceMs: number;
  /** In milliseconds, between two things said. */
  readonly pause: readonly [low: number, high: number];
}

/** How the outcome of a call without one begins. */
const TOOL_ERROR = '{"error":';
const FRAME_MS = 40;
const FRAME_BYTES = 1_280;
/** Speech that was not understood is never answered, and nobody would wait for that for a minute. */
const SPEECH_PATIENCE_MS = 20_000;
/** Who was broken off asks again after a while: what is said around a break reaches the model together with what it asks. */
const ASK_AGAIN_MS = 12_000;
const AROUND_A_BREAK_MS = 3_000;
/** Silence after speech, longer than the scenario waits for its end. */
const TAIL_MS = 900;

/**
 * Somebody on the line who behaves as a person: tells a fact about himself, then talks, has tools used, listens to
 * stories and breaks them off, and asks for the fact again and again. Notes everything.
 */
export class Caller {
  readonly name: string;
  readonly word: string;
  readonly #options: CallerOptions;
  /** Since something was said last. */
  readonly #heard: string[] = [];
  #client: ParleyClient | undefined;
  #grant: SessionGrant | undefined;
  #line: TappedLine | undefined;
  #liveId = '';
  #asked = 0;
  #hangingUp = false;
  #closed = false;
  #framesHeard = 0;
  #resumedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: CallerOptions) {
    this.#options = options;
    this.name = options.name;
    this.word = options.words.next();
  }

  get sessionId(): string {
    return this.#grant?.sessionId ?? '';
  }

  get grant(): SessionGrant | undefined {
    return this.#grant;
  }

  get liveId(): string {
    return this.#liveId;
  }

  /** Hangs up, or has. */
  get leaving(): boolean {
    return this.#hangingUp || this.#closed;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The line of now, to be made bad. */
  get line(): TappedLine | undefined {
    return this.#line;
  }

  get reconnects(): number {
    return this.#client?.stats.reconnects ?? 0;
  }

  /** Gets a session and calls. */
  async call(api: ParleyApi, agent = 'concierge'): Promise<void> {
    const { gateways, history, name } = this.#options;
    const grant = await api.createSession({ agent, userId: name });
    this.#grant = grant;
    history.add(name, { op: 'call', sessionId: grant.sessionId, word: this.word });
    const { client, ready } = await connectLive({
      dial: () => {
        this.#line = new TappedLine(gateways.liveUrl(this.#options.random), (seen) =>
          history.add(name, seen),
        );
        return this.#line;
      },
      token: grant.clientToken,
      random: this.#options.random.next,
      on: {
        caption: ({ speaker, text, final }) => {
          if (speaker === 'agent') this.#hear(text, final);
        },
        toolResponse: ({ response }) => this.#heard.push(JSON.stringify(response.response)),
        audio: () => (this.#framesHeard += 1),
        resumed: () => (this.#resumedAtMs = history.nowMs()),
        closed: ({ code, reason }) => {
          this.#closed = true;
          history.add(name, { op: 'closed', code, reason, wanted: this.#hangingUp });
        },
      },
    });
    this.#client = client;
    this.#liveId = ready.liveId;
  }

  /** Tells the fact; resolves when the agent has taken it in. */
  tellFact(): Promise<boolean> {
    return this.#say('fact', `Please remember that my secret word is ${this.word}.`, this.word);
  }

  /** Asks for the fact. */
  askFact(): Promise<boolean> {
    const word = this.#options.words.next();
    return this.#say('ask', `Question ${word}: what is my secret word?`, this.word);
  }

  sayMarker(): Promise<boolean> {
    const word = this.#options.words.next();
    return this.#say('marker', `Marker ${word}.`, word);
  }

  /** Wants a story and does not wait for it: the agent has something to say for a while. */
  wantStory(): void {
    this.#want('story', `Story ${this.#options.words.next()}.`);
  }

  /** Wants to know the weather of a place, for which the agent has a tool, and does not wait for it. */
  wantWeather(): void {
    this.#want('tool', `What is the weather in ${capitalised(this.#options.words.next())}?`);
  }

  /** Talks until it is over. */
  async talk(over: AbortSignal): Promise<void> {
    const { random, pause } = this.#options;
    while (!over.aborted && !this.#closed) {
      await this.#act();
      await new Promise((resolve) => setTimeout(resolve, random.between(...pause)));
    }
  }

  /** Hangs up. */
  async end(): Promise<void> {
    this.#hangingUp = true;
    this.#client?.end();
    await this.#client?.closed;
  }

  #act(): Promise<boolean> {
    const { random } = this.#options;
    const dice = random.next();
    if (dice < 0.4) return this.sayMarker();
    if (dice < 0.55) return this.#speak();
    if (dice < 0.7) return this.#useTool();
    if (dice < 0.85) return this.#bargeIn();
    return this.askFact();
  }

  #useTool(): Promise<boolean> {
    const { random, words } = this.#options;
    const word = words.next();
    const city = capitalised(word);
    const text = random.chance(0.5)
      ? `What is the weather in ${city}?`
      : `Please estimate a trip to ${city}.`;
    return this.#say('tool', text, city);
  }

  /** Has a story told, and talks into it. */
  async #bargeIn(): Promise<boolean> {
    const { random, words } = this.#options;
    const word = words.next();
    if (!(await this.#say('story', `Story ${word}.`, word))) return false;
    const frames = this.#framesHeard;
    const listenFrames = Math.round(random.between(2, 15));
    await until(
      'some of the story',
      () => this.#closed || this.#framesHeard > frames + listenFrames,
      3_000,
    ).catch(() => undefined);
    if (random.chance(0.3)) this.#client?.interrupt();
    return this.sayMarker();
  }

  async #speak(): Promise<boolean> {
    const word = this.#options.words.next();
    const text = `Marker ${word}`;
    const answer = this.#expect('speech', text, word);
    const pcm = speech(text, { leadMs: 100, tailMs: TAIL_MS });
    const startedAtMs = performance.now();
    for (let at = 0, n = 0; at < pcm.byteLength && !this.#closed; at += FRAME_BYTES, n++) {
      this.#client?.sendAudio(pcm.subarray(at, at + FRAME_BYTES));
      const dueInMs = startedAtMs + (n + 1) * FRAME_MS - performance.now();
      if (dueInMs > 0) await new Promise((resolve) => setTimeout(resolve, dueInMs));
    }
    return answer;
  }

  #want(kind: Utterance, text: string): void {
    const requestId = `${this.name}.${(this.#asked += 1)}`;
    if (!this.#client?.sendText(text, requestId)) return;
    this.#options.history.add(this.name, { op: 'sent', requestId, kind, text });
  }

  #say(kind: Utterance, text: string, expected: string): Promise<boolean> {
    return this.#expect(kind, text, expected, (id) => this.#client?.sendText(text, id) ?? false);
  }

  /** Sends, and waits for an answer in which `expected` occurs. */
  async #expect(
    kind: Utterance,
    text: string,
    expected: string,
    send?: (id: string) => boolean,
  ): Promise<boolean> {
    const { history, name, patienceMs } = this.#options;
    const requestId = `${name}.${(this.#asked += 1)}`;
    this.#heard.length = 0;
    if (send && !send(requestId)) return false;
    const sent = history.add(name, { op: 'sent', requestId, kind, text });
    // that a tool could not be had is an answer, too
    const isAnswer = (words: string): boolean =>
      words.includes(expected) || (kind === 'tool' && words.startsWith(TOOL_ERROR));
    const answered = (): boolean => this.#heard.some(isAnswer);
    const waitMs = send ? patienceMs : Math.min(patienceMs, SPEECH_PATIENCE_MS);
    await until('an answer', () => answered() || this.#closed, ASK_AGAIN_MS).catch(() => undefined);
    if (!answered() && this.#resumedAtMs > sent.tMs - AROUND_A_BREAK_MS) this.#want(kind, `Again: ${text}`);
    await until('an answer', () => answered() || this.#closed, waitMs).catch(() => undefined);
    const afterMs = history.nowMs() - sent.tMs;
    if (answered()) history.add(name, { op: 'answered', requestId, afterMs });
    else if (!this.#closed) history.add(name, { op: 'unanswered', requestId, afterMs });
    return answered();
  }

  #hear(text: string, final: boolean): void {
    this.#heard.push(text);
    if (final) this.#options.history.add(this.name, { op: 'heard', text });
  }
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
