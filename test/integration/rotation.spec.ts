import { mediaOf, type Event } from '@parley/event';
import { readWatermark, startEmulator, type RunningEmulator, type ScenarioInput } from '@parley/emulator';
import { speech } from '@parley-testing/emulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelLine } from '../support/model-line.js';
import { OpenMicrophone } from '../support/open-microphone.js';
import { until } from '../support/until.js';

const ASKED = 12;
const GO_AWAYS = 20;
const ROTATIONS = ASKED + GO_AWAYS;
const SEED = 20_261_123;
/** Much longer than a turn: a rotation that cuts a reply was not patient. */
const TIME_LEFT_MS = 25_000;

const echo: ScenarioInput = {
  behaviour: { thinkMs: 50, thinkJitterMs: 0, silenceDurationMs: 300, discloses: false },
  rules: [{ when: { input: true }, do: [{ say: 'I heard {{said}}' }] }],
};

describe.concurrent(
  `a call that is moved ${ROTATIONS} times loses and doubles no word of either side`,
  () => {
    let emulator: RunningEmulator;
    beforeAll(async () => {
      emulator = await startEmulator({ scenarios: { told: echo, untold: echo } });
    });
    afterAll(() => emulator.close());

    it('while what the user says is transcribed', { timeout: 240_000 }, async () => {
      const call = await MovingCall.start(emulator, 'told');
      await call.goThrough(ROTATIONS);
      const heard = call.events.filter((event) => event.partial === false);
      expect(heard.flatMap((event) => event.inputTranscription?.text ?? [])).toEqual(call.said);
      call.check();
      await call.close();
    });

    it(
      'while it is not, so that nobody here knows whether the user speaks',
      { timeout: 240_000 },
      async () => {
        const call = await MovingCall.start(emulator, 'untold', { inputAudioTranscription: null });
        await call.goThrough(ROTATIONS);
        expect(call.movedWhileTheUserSpoke).toBeGreaterThan(ROTATIONS / 4);
        call.check();
        await call.close();
      },
    );
  },
);

/** A user who talks with a model that says again what it heard, while their call is moved from socket to socket. */
class MovingCall {
  readonly said: string[] = [];
  movedWhileTheUserSpoke = 0;
  readonly #emulator: RunningEmulator;
  readonly #scenario: string;
  readonly #line: ModelLine;
  readonly #microphone: OpenMicrophone;
  #rotations = 0;

  static async start(
    emulator: RunningEmulator,
    scenario: string,
    runConfig: object = {},
  ): Promise<MovingCall> {
    const line = new ModelLine({ baseUrl: `${emulator.url}/s/${scenario}`, runConfig });
    await until('the call is up', () => line.ready);
    return new MovingCall(emulator, scenario, line);
  }

  private constructor(emulator: RunningEmulator, scenario: string, line: ModelLine) {
    this.#emulator = emulator;
    this.#scenario = scenario;
    this.#line = line;
    this.#microphone = new OpenMicrophone((data) =>
      line.queue.sendRealtime({ mimeType: 'audio/pcm;rate=16000', data }),
    );
  }

  get events(): readonly Event[] {
    return this.#line.events;
  }

  /** Talks on until it has been moved so often: once in each sentence of the user and once in each of the model. */
  async goThrough(rotations: number): Promise<void> {
    const chance = random(SEED);
    while (this.#rotations < rotations) {
      const sentence = `Story ${this.said.length + 1} of mine.`;
      this.said.push(sentence);
      this.#microphone.say(speech(sentence, { leadMs: 100 }));
      await sleep(100 + chance() * 800);
      await this.#move();
      if (!this.#hasAnswered) this.movedWhileTheUserSpoke += 1;
      await until('the model speaks', () => this.#hasAnswered);
      await this.#move();
      await until('the turn is over', () => this.#turns === this.said.length);
    }
  }

  /** That both sides heard all that was said, once and in one piece, and the client nothing of the moving. */
  check(): void {
    const { events, facts, gemini } = this.#line;
    const session = this.#emulator.sessions().find(({ scenario }) => scenario === this.#scenario);
    const lines = this.#emulator.control.transcriptOf(session?.lineage ?? '');
    const textOf = (role: string): string[] => lines.flatMap((line) => (line.role === role ? line.text : []));
    const gapsMs = facts.flatMap((fact) => (fact.kind === 'resumed' ? fact.gapMs : []));
    const context = `seed ${SEED}, gaps ${gapsMs.join(' ')} ms`;
    expect(textOf('user'), context).toEqual(this.said);
    expect(textOf('model'), context).toEqual(this.said.map((sentence) => `I heard ${sentence}`));
    expect(new Set(lines.map((line) => line.connection)).size).toBeGreaterThan(ASKED);

    const voice = Buffer.concat(events.flatMap((event) => mediaOf(event)?.data ?? []));
    expect(readWatermark(voice), context).toBe(textOf('model').join(' '));
    const captions = events.filter((event) => event.partial === false);
    expect(captions.flatMap((event) => event.outputTranscription?.text ?? [])).toEqual(textOf('model'));

    expect(new Set(events.map((event) => event.invocationId)).size).toBe(1);
    const gap = (event: Event): unknown => event.interrupted ?? event.errorCode ?? event.liveSessionRestarted;
    expect(events.filter(gap)).toEqual([]);
    expect(gemini.counters, context).toMatchObject({
      resumes: { asked: ASKED, go_away: GO_AWAYS, lost: 0, stalled: 0, congested: 0 },
      cutTurns: 0,
      droppedReplayMs: 0,
      droppedAudioMs: 0,
    });
  }

  async close(): Promise<void> {
    this.#microphone.close();
    await this.#line.close();
  }

  /** Three of eight times because it is asked to, else because of a goAway. */
  async #move(): Promise<void> {
    const at = this.#rotations++;
    if (at % 8 < 3) void this.#line.connection?.rotate(TIME_LEFT_MS);
    else {
      for (const { id, scenario } of this.#emulator.sessions()) {
        if (scenario === this.#scenario) this.#emulator.control.goAway(id, { timeLeftMs: TIME_LEFT_MS });
      }
    }
    await until(
      `rotation ${at + 1}`,
      () => this.#line.facts.filter(({ kind }) => kind === 'resumed').length === at + 1,
    );
  }

  get #turns(): number {
    return this.events.filter((event) => event.turnComplete).length;
  }

  /** Whether the model has begun to answer the last sentence. */
  get #hasAnswered(): boolean {
    if (this.#turns === this.said.length) return true;
    const from = this.events.findLastIndex((event) => event.turnComplete) + 1;
    return this.events.slice(from).some((event) => mediaOf(event) !== undefined);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Seeded, so that a failing run can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
