import { createHash } from 'node:crypto';
import { SessionBench, speech } from '@parley-testing/emulator';
import { silentLog } from '@parley/kernel';
import { expect, it } from 'vitest';
import type { Brain, Reply } from '../brain/brain.js';
import type { ServerMessage } from '../codec/server-message.js';
import { EmulatorStats } from '../server/emulator-stats.js';
import { seededRandom } from '../server/seeded-random.js';
import { sensesOf } from '../server/senses.js';
import type { SpokenSentence, Voice } from '../voice/voice.js';
import type { Behaviour } from './behaviour.js';
import type { Senses } from './session-environment.js';

const SEQUENCES = 10_000;
const FIRST_SEED = 20_261_122;

/** Says little, and calls whatever functions it has as often as it speaks. */
const brain: Brain = {
  answer: ({ functions, random }): Reply => {
    const calls = functions.filter(() => random() < 0.4).map(({ name }) => ({ name, args: {} }));
    if (calls.length > 0) return random() < 0.5 ? { calls } : { say: 'One moment.', calls };
    return random() < 0.1 ? {} : { say: 'I hear you.' };
  },
  afterTools: (): Reply => ({ say: 'It is done.' }),
};

/** Every sentence is spoken once, whoever says it. */
const senses: Senses = ((plain) => {
  const spoken = new Map<string, Promise<SpokenSentence>>();
  const voice: Voice = {
    speak: (sentence, signal) => {
      const speech = spoken.get(sentence) ?? plain.voices('Puck').speak(sentence, signal);
      spoken.set(sentence, speech);
      return speech;
    },
  };
  return { ...plain, voices: () => voice };
})(sensesOf(undefined, new EmulatorStats(), silentLog));

const MODELS = [
  'gemini-3.8-live',
  'gemini-3.8-live-extended-thinking',
  'gemini-3.1-flash-live-preview',
  'gemini-2.5-flash-native-audio-preview-12-2025',
  'gemini-2.0-flash-live-001',
];
const HEARD = speech('Yes.', { tailMs: 240 });
const CHUNKS = Array.from({ length: Math.ceil(HEARD.length / 6_400) }, (_, index) =>
  Buffer.from(HEARD.subarray(index * 6_400, (index + 1) * 6_400)).toString('base64'),
);

type Random = () => number;

function pick<T>(random: Random, options: readonly [T, ...T[]]): T {
  return options[Math.floor(random() * options.length)] ?? options[0];
}

function behaviourFor(random: Random): Partial<Behaviour> {
  return {
    thinkMs: pick(random, [0, 50, 300]),
    thinkJitterMs: pick(random, [0, 100]),
    speed: pick(random, [2, 20]),
    turnEnds: pick(random, ['playback', 'immediate']),
    turnEndsAtCall: pick(random, [undefined, true, false]),
    cancellation: pick(random, ['after-interrupted', 'before-interrupted']),
    strictToolIds: random() < 0.1,
    silenceDurationMs: 200,
    ...(random() < 0.2 && { connectionMs: 4_000, goAwayLeadMs: 1_000 }),
  };
}

function setupFor(random: Random): object {
  const behavior = pick(random, [undefined, 'BLOCKING', 'NON_BLOCKING']);
  const functionDeclarations = ['f', 'g'].map((name) => ({ name, ...(behavior && { behavior }) }));
  return {
    model: `models/${MODELS[Math.floor(random() * MODELS.length)]}`,
    ...(random() < 0.7 && { tools: [{ functionDeclarations }] }),
    ...(random() < 0.5 && { sessionResumption: { transparent: random() < 0.5 } }),
    ...(random() < 0.2 && { realtimeInputConfig: { activityHandling: 'NO_INTERRUPTION' } }),
    ...(random() < 0.1 && {
      realtimeInputConfig: { automaticActivityDetection: { disabled: true } },
    }),
    ...(random() < 0.2 && { contextWindowCompression: { triggerTokens: '60', slidingWindow: {} } }),
  };
}

/** One random act of a client, by its seed alone and by what the server called. */
async function act(bench: SessionBench, random: Random, ids: readonly string[]): Promise<void> {
  const id = pick(random, ['', 'function-call-0', ...ids.slice(-3), ...ids.slice(-1)]);
  const text = pick(random, ['Hello', 'Stop', '']);
  switch (Math.floor(random() * 12)) {
    case 0:
    case 1:
      return bench.write(text);
    case 2:
      if (random() < 0.5) return;
      for (const data of CHUNKS)
        await bench.send({ realtimeInput: { audio: { data, mimeType: 'audio/pcm' } } });
      return;
    case 3:
    case 4:
      return bench.send({ clientContent: { turns: [{ parts: [{ text }] }], turnComplete: random() < 0.5 } });
    case 5:
    case 6: {
      const scheduling = pick(random, ['SILENT', 'WHEN_IDLE', 'INTERRUPT']);
      const response = { id, name: pick(random, ['f', 'g']), response: { output: 1 }, scheduling };
      const willContinue = random() < 0.2 && { willContinue: true };
      return bench.send({ toolResponse: { functionResponses: [{ ...response, ...willContinue }] } });
    }
    case 7:
      if (random() < 0.7) return;
      return bench.send({
        realtimeInput: pick<object>(random, [
          { activityStart: {} },
          { activityEnd: {} },
          { audioStreamEnd: true },
        ]),
      });
    case 8:
      if (random() < 0.1)
        return bench.send(pick<object | string>(random, ['{', {}, { hello: {} }, { setup: {} }]));
      return;
    default:
      await bench.clock.advance(pick(random, [5, 100, 400, 2_000]));
  }
}

/** Plays the whole conversation that a seed stands for. */
async function play(seed: number): Promise<SessionBench> {
  const random = seededRandom(seed);
  const bench = new SessionBench({ brain, senses, seed, unpaced: true, behaviour: behaviourFor(random) });
  if (random() < 0.02) await act(bench, random, []);
  await bench.setUp(setupFor(random));
  const steps = 3 + Math.floor(random() * 8);
  for (let step = 0; step < steps; step++) {
    await act(bench, random, idsCalled(bench.messages));
  }
  await bench.clock.advance(20_000);
  bench.close();
  return bench;
}

function idsCalled(messages: readonly ServerMessage[]): string[] {
  return messages.flatMap(({ toolCall }) => toolCall?.functionCalls.map(({ id }) => id) ?? []);
}

/** The first promise of the wire that was broken; undefined when all were kept. `over`: the session was closed. */
function brokenPromise(messages: readonly ServerMessage[], over: boolean): string | undefined {
  let setUp = false;
  /** What was sent of the running turn. */
  let [begun, generated, interrupted] = [false, false, false];
  const pending = new Set<string>();
  const used = new Set<string>();
  /** The newest cancellation that an interruption accounts for. */
  let ofInterruption = -1;
  for (const [index, message] of messages.entries()) {
    const { setupComplete, serverContent = {}, toolCall, toolCallCancellation, usageMetadata } = message;
    if (setUp === (setupComplete !== undefined)) return 'setupComplete comes first and once';
    setUp = true;
    for (const id of toolCallCancellation?.ids ?? []) {
      if (!pending.delete(id)) return 'only pending ids are cancelled, once';
    }
    if (serverContent.interrupted) {
      if (interrupted) return 'a turn is interrupted once';
      const cancellation = [index - 1, index + 1].find(
        (near) => near > ofInterruption && messages[near]?.toolCallCancellation,
      );
      ofInterruption = cancellation ?? ofInterruption;
      // Calls whose turn had ended are interrupted without a turnComplete.
      interrupted = begun || cancellation === undefined;
    }
    if (serverContent.modelTurn || toolCall || serverContent.generationComplete) {
      if (interrupted) return 'nothing of a turn follows its interruption';
      if (generated) return 'nothing of a turn follows its generationComplete';
      begun = true;
    }
    for (const { id } of toolCall?.functionCalls ?? []) {
      if (used.has(id)) return 'ids are new';
      used.add(id);
      pending.add(id);
    }
    if (serverContent.generationComplete) generated = true;
    if (serverContent.turnComplete) {
      if (!generated && !interrupted)
        return 'turnComplete ends a turn that was generated or interrupted, once';
      if (!usageMetadata) return 'turnComplete carries the usage';
      [begun, generated, interrupted] = [false, false, false];
    }
  }
  if (!over && pending.size === 0 && (begun || generated || interrupted)) return 'every turn ends';
  return undefined;
}

it(`keeps the promises of the wire to ${SEQUENCES} random clients, and does the same for the same seed`, async () => {
  const seen = new Map<string, number>();
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEQUENCES; seed++) {
    const bench = await play(seed);
    const broken = brokenPromise(bench.messages, bench.closed !== undefined);
    if (broken)
      expect.fail(
        `seed ${seed}: ${broken}\n${bench.messages.map((m) => JSON.stringify(brief(m))).join('\n')}`,
      );
    for (const kind of bench.kinds) seen.set(kind, (seen.get(kind) ?? 0) + 1);
    if (seed % 20 === 0) expect(hashOf(await play(seed)), `seed ${seed}`).toBe(hashOf(bench));
  }
  for (const kind of KINDS) expect(seen.get(kind), kind).toBeGreaterThan(SEQUENCES / 100);
}, 120_000);

/** What the sequences must bring about often enough to mean anything. */
const KINDS = [
  'audio',
  'toolCall',
  'interrupted',
  'toolCallCancellation',
  'generationComplete',
  'turnComplete',
  'inputTranscription',
  'sessionResumptionUpdate',
  'goAway',
];

function hashOf(bench: SessionBench): string {
  return createHash('sha256')
    .update(JSON.stringify([bench.sent, bench.closed]))
    .digest('hex');
}

function brief(message: ServerMessage): unknown {
  return JSON.parse(JSON.stringify(message, (key, value: unknown) => (key === 'data' ? '…' : value)));
}
