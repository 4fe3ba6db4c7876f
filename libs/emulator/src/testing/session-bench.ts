import { silentLog, type CancelTimer } from '@parley/kernel';
import { ManualClock, settle } from '@parley-testing/kernel';
import type { SpeechEngine } from '@parley/speech';
import type { Brain } from '../brain/brain.js';
import { RuleBrain } from '../brain/rule-brain.js';
import type { ServerMessage } from '../codec/server-message.js';
import { EmulatorStats } from '../server/emulator-stats.js';
import { seededRandom } from '../server/seeded-random.js';
import { sensesOf } from '../server/senses.js';
import { DEFAULT_BEHAVIOUR, type Behaviour } from '../session/behaviour.js';
import type { CloseReason } from '../session/close-reason.js';
import type { Senses } from '../session/session-environment.js';
import { EmulatorSession } from '../session/emulator-session.js';
import { LagHistogram } from '../session/lag-histogram.js';
import { PaceTicker } from '../session/pace-ticker.js';
import { MemoryResumptionStore, type ResumptionStore } from '../session/resumption-store.js';
import { HANDLE_TTL_MS, Resumption } from '../session/resumption.js';
import { Transcripts, type TranscriptLine } from '../session/transcript.js';

export interface SessionBenchOptions {
  readonly behaviour?: Partial<Behaviour>;
  readonly engine?: SpeechEngine;
  readonly brain?: Brain;
  readonly api?: 'gemini' | 'vertex';
  readonly owner?: string;
  /** Default `emu_bench`. */
  readonly id?: string;
  readonly clock?: ManualClock;
  readonly resumption?: ResumptionStore;
  readonly seed?: number;
  /** Default: those of `engine`. */
  readonly senses?: Senses;
  /** Runs what is paced when it is due instead of at the next tick: much faster, for tests of thousands of sessions. */
  readonly unpaced?: boolean;
}

const CHUNK_BYTES = 3_200;
const REAL_DEADLINE_MS = 10_000;

/** One session without a socket, on a clock that stands still until told to move. */
export class SessionBench {
  readonly clock: ManualClock;
  readonly sent: { readonly atMs: number; readonly message: ServerMessage }[] = [];
  closed: CloseReason | undefined;
  readonly #session: EmulatorSession;
  readonly #transcripts = new Transcripts();

  constructor(options: SessionBenchOptions = {}) {
    this.clock = options.clock ?? new ManualClock();
    const { clock } = this;
    const random = seededRandom(options.seed ?? 1);
    this.#session = new EmulatorSession({
      id: options.id ?? 'emu_bench',
      api: options.api ?? 'gemini',
      version: 'v1beta',
      owner: options.owner ?? 'tester',
      behaviour: { ...DEFAULT_BEHAVIOUR, thinkJitterMs: 0, ...options.behaviour },
      environment: {
        clock,
        ticker: options.unpaced ? new UnpacedTicker(clock) : new PaceTicker(clock, new LagHistogram()),
        brain: options.brain ?? new RuleBrain(),
        senses: options.senses ?? sensesOf(options.engine, new EmulatorStats(), silentLog),
        resumption: new Resumption({
          store: options.resumption ?? new MemoryResumptionStore(clock),
          secret: 'bench',
          ttlMs: HANDLE_TTL_MS,
          newId: () => `${Math.floor(random() * 1e15)}-${clock.nowMs()}`,
        }),
        transcripts: this.#transcripts,
        log: silentLog,
      },
      random,
      send: (message) => this.sent.push({ atMs: clock.monotonicMs(), message }),
      hangUp: (reason) => {
        this.closed = reason;
      },
    });
  }

  get messages(): ServerMessage[] {
    return this.sent.map(({ message }) => message);
  }

  /** Order of events without media: 'audio', 'interrupted', 'toolCall', 'turnComplete' …, repeats left out. */
  get kinds(): string[] {
    const kinds = this.messages.flatMap(kindsOf);
    return kinds.filter((kind, index) => kind !== kinds[index - 1]);
  }

  /** All that the model's captions said, or its text parts. */
  get said(): string {
    return this.messages
      .flatMap(({ serverContent }) => [
        serverContent?.outputTranscription?.text ?? '',
        ...(serverContent?.modelTurn?.parts ?? []).map((part) => ('text' in part ? part.text : '')),
      ])
      .join('');
  }

  /** What the user was understood to say. */
  get heard(): string {
    return this.messages.map(({ serverContent }) => serverContent?.inputTranscription?.text ?? '').join('');
  }

  /** What was said in this session, over all its connections. */
  get transcript(): readonly TranscriptLine[] {
    return this.#transcripts.of(this.#session.live?.lineage ?? '');
  }

  /** The newest handle that was offered. */
  get handle(): string | undefined {
    return this.messages.findLast(({ sessionResumptionUpdate }) => sessionResumptionUpdate?.newHandle)
      ?.sessionResumptionUpdate?.newHandle;
  }

  /** Forgets what was sent so far. */
  forget(): void {
    this.sent.length = 0;
  }

  async send(message: object | string): Promise<void> {
    this.#session.onFrame(typeof message === 'string' ? message : JSON.stringify(message));
    await settle();
  }

  /** Sends a setup for a voice session with captions, with what is given added to it. */
  async setUp(extra: object = {}): Promise<void> {
    await this.send({
      setup: {
        model: 'models/gemini-3.8-live',
        inputAudioTranscription: {},
        outputAudioTranscription: {},
        ...extra,
      },
    });
  }

  async write(text: string): Promise<void> {
    await this.send({ realtimeInput: { text } });
  }

  /** Streams audio in chunks of 100 ms, as time goes by. */
  async hear(pcm: Uint8Array, rateHz = 16_000): Promise<void> {
    for (let at = 0; at < pcm.length; at += CHUNK_BYTES) {
      const chunk = pcm.subarray(at, at + CHUNK_BYTES);
      const data = Buffer.from(chunk).toString('base64');
      await this.send({ realtimeInput: { audio: { data, mimeType: `audio/pcm;rate=${rateHz}` } } });
      await this.clock.advance((chunk.length / 2 / rateHz) * 1000);
      await settle(200);
    }
  }

  /** Moves time until `done` holds; fails after `limitMs`. */
  async until(done: (bench: this) => boolean, limitMs = 120_000): Promise<void> {
    for (let waitedMs = 0; !done(this); waitedMs += 10) {
      if (waitedMs > limitMs) throw new Error(`still waiting; so far: ${this.kinds.join(', ')}`);
      await this.clock.advance(10);
    }
  }

  /** Waits, in real time and without moving the bench's, for work that needs the machine (loading a module). */
  async eventually(holds: (bench: this) => boolean): Promise<void> {
    const until = performance.now() + REAL_DEADLINE_MS;
    while (!holds(this)) {
      if (performance.now() > until) throw new Error(`still waiting; so far: ${this.kinds.join(', ')}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Moves time until the model's turn is over. */
  async untilTurnComplete(): Promise<void> {
    await this.until(({ messages }) => messages.some(({ serverContent }) => serverContent?.turnComplete));
  }

  /** The same, and until a handle for what came of it was offered. */
  async untilResumable(): Promise<void> {
    const done = ({ messages }: SessionBench): boolean => {
      const ended = messages.findLastIndex(({ serverContent }) => serverContent?.turnComplete);
      return (
        ended >= 0 && messages.slice(ended).some((message) => message.sessionResumptionUpdate?.newHandle)
      );
    };
    await this.until(done);
  }

  close(): void {
    this.#session.close();
  }
}

/** Leaves it to the clock to be on time. */
class UnpacedTicker extends PaceTicker {
  readonly #clock: ManualClock;

  constructor(clock: ManualClock) {
    super(clock, new LagHistogram());
    this.#clock = clock;
  }

  override at(dueMs: number, run: () => void): CancelTimer {
    return this.#clock.after(dueMs - this.#clock.monotonicMs(), run);
  }
}

function kindsOf(message: ServerMessage): string[] {
  const { serverContent, ...rest } = message;
  const content = serverContent ?? {};
  const kinds = Object.keys(rest).filter((kind) => kind !== 'usageMetadata');
  if (content.modelTurn)
    kinds.push(content.modelTurn.parts.some((part) => 'text' in part) ? 'text' : 'audio');
  for (const flag of ['interrupted', 'generationComplete', 'turnComplete', 'inputTranscription'] as const) {
    if (content[flag]) kinds.push(flag);
  }
  return kinds;
}
