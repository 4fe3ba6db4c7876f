import { pcm16ByteLength, pcm16DurationMs } from '@parley/audio';
import type { GeminiLiveModel, GeminiLiveModelOptions } from '@parley/gemini';
import { sleep } from '@parley/kernel';
import { failed, needsSpeech, observed, passed, type Check, type Figures, type Finding } from '../check.js';
import { CheckFailure } from '../check-failure.js';
import type { CheckRun } from '../run/check-run.js';
import { silence } from '../run/spoken-lines.js';
import { SPEECH_RATE_HZ } from '../wire/wire-session.js';
import { ProductConversation } from './product-conversation.js';
import { requireWords } from './typed-turn.js';

const BLOCK_MS = 40;
const END_OF_SPEECH_MS = 1_500;

/** What Parley's own adapter does with the service. */
export const productChecks: readonly Check[] = [
  {
    name: 'rotation',
    question:
      'Does a conversation that Parley moves to another connection lose nothing that is said meanwhile?',
    deadlineMs: 90_000,
    run: async (run: CheckRun): Promise<Finding> => {
      const { conversation, model } = await converse(run);
      await conversation.ask('My name is Alice.');
      await conversation.saved(0);
      run.spendSession();
      // Within no time: between these two lines there is no connection.
      const rotated = conversation.connection.rotate(0);
      const from = conversation.messages.length;
      conversation.say('My favourite colour is green.');
      const outcome = await rotated;
      await conversation.answer(from);
      const name = await conversation.ask('What is my name?');
      const colour = await conversation.ask('What is my favourite colour?');
      conversation.close();
      const figures = figuresOf(model);
      if (outcome !== 'rotated') return failed('the conversation ended', figures);
      requireWords(name, /alice/i, 'what was said before');
      requireWords(colour, /green/i, 'what was said meanwhile');
      return passed('what was said before and meanwhile is known', figures);
    },
  },
  {
    name: 'rotation-while-speaking',
    question: 'Is a spoken sentence answered whose middle falls into such a move?',
    deadlineMs: 90_000,
    notHere: needsSpeech,
    run: async (run: CheckRun): Promise<Finding> => {
      const { conversation, model } = await converse(run);
      const from = conversation.messages.length;
      await conversation.ask('My name is Alice.');
      await conversation.saved(from);
      const next = conversation.messages.length;
      const { question } = run.lines;
      const half = pcm16ByteLength(pcm16DurationMs(question.length, SPEECH_RATE_HZ) / 2, SPEECH_RATE_HZ);
      await speak(run, conversation, question.subarray(0, half));
      run.spendSession();
      const rotated = conversation.connection.rotate(0);
      await speak(run, conversation, question.subarray(half));
      const [words] = await Promise.all([
        conversation.answer(next),
        rotated,
        speak(run, conversation, silence(END_OF_SPEECH_MS)),
      ]);
      conversation.close();
      const figures = figuresOf(model);
      return /alice/i.test(words)
        ? passed('understood as a whole', figures)
        : observed('answered, though not with what was asked for', figures);
    },
  },
  {
    name: 'cheap-masking',
    question: 'Does the service take frames that are masked with zeros?',
    openPoint: 'whether cheap masking is accepted',
    deadlineMs: 45_000,
    run: async (run: CheckRun): Promise<Finding> => {
      const { conversation } = await converse(run, { masking: 'cheap' });
      const words = await conversation.ask('Say the word tulip.');
      conversation.close();
      requireWords(words, /tulip/i, 'the word that was asked for');
      return passed('accepted and understood');
    },
  },
];

async function converse(
  run: CheckRun,
  options: Partial<GeminiLiveModelOptions> = {},
): Promise<{ conversation: ProductConversation; model: GeminiLiveModel }> {
  run.spendSession();
  const model = run.model(options);
  const connection = await model
    .connect(
      {
        model: run.situation.model,
        systemInstruction: 'Be brief. Answer in English.',
        responseModalities: ['AUDIO'],
        tools: [],
        inputAudioTranscription: {},
        outputAudioTranscription: {},
      },
      run.signal,
    )
    .catch((error: unknown) => {
      throw new CheckFailure(`no session: ${error instanceof Error ? error.message : 'it failed'}`);
    });
  const learn = (handle: string): void => run.learn(handle);
  return { conversation: new ProductConversation(connection, run.clock, run.signal, learn), model };
}

/** Blocks of 40 ms, each when it has been spoken. */
async function speak(run: CheckRun, { connection }: ProductConversation, pcm16: Uint8Array): Promise<void> {
  const startedMs = run.clock.monotonicMs();
  const blockBytes = pcm16ByteLength(BLOCK_MS, SPEECH_RATE_HZ);
  for (let at = 0; at < pcm16.length && !run.signal.aborted; at += blockBytes) {
    const data = pcm16.subarray(at, at + blockBytes);
    const dueMs = startedMs + pcm16DurationMs(at + data.length, SPEECH_RATE_HZ);
    await sleep(run.clock, Math.max(0, dueMs - run.clock.monotonicMs()), run.signal);
    run.spendSpeech(pcm16DurationMs(data.length, SPEECH_RATE_HZ));
    connection.sendRealtime({ mimeType: `audio/pcm;rate=${SPEECH_RATE_HZ}`, data });
  }
}

function figuresOf({ counters }: GeminiLiveModel): Figures {
  const { droppedReplayMs, gapMs, replayedMs, restarts, resumes } = counters;
  return {
    gapMs: gapMs.count > 0 ? Math.round(gapMs.sumMs / gapMs.count) : -1,
    replayedMs,
    droppedReplayMs,
    resumed: resumes.asked,
    restarted: restarts.history + restarts.summary + restarts.nothing,
  };
}
