import { pcm16ByteLength } from '@parley/audio';
import { failed, needsSpeech, needsTools, observed, passed, type Check, type Finding } from '../check.js';
import type { CheckRun } from '../run/check-run.js';
import type { Situation } from '../run/situation.js';
import { silence } from '../run/spoken-lines.js';
import { SPEECH_RATE_HZ, type WireSession } from '../wire/wire-session.js';
import { tools, WEATHER } from './test-tools.js';

const STORYTELLER = { systemInstruction: { parts: [{ text: 'When asked for a story, tell a long one.' }] } };
const STORY = 'Tell me a long story about the sea.';
/** In the middle of what it says. */
const INTO_THE_STORY_MS = 700;
const AFTERWARDS_MS = 1_500;

/** A session whose model is in the middle of a long answer. */
async function tellingStory(run: CheckRun): Promise<WireSession> {
  const session = await run.open(STORYTELLER);
  session.send({ realtimeInput: { text: STORY } });
  await session.waitFor('the story', ({ audioMs }) => audioMs > 0);
  await session.listen(INTO_THE_STORY_MS);
  return session;
}

/** What follows an interruption that was asked for at `sinceMs`, with message `from` the next. */
async function interruption(
  session: WireSession,
  from: number,
  sinceMs: number,
  answered: boolean,
): Promise<Finding> {
  const told = await session.waitForKind('interrupted', { from, withinMs: 10_000 });
  const at = session.heard.indexOf(told);
  const end = await session.waitForKind('turnComplete', { from: at, withinMs: 5_000 });
  const behind = session.heard.indexOf(end) + 1;
  if (answered) await session.waitFor('an answer', ({ audioMs }) => audioMs > 0, { from: behind });
  else await session.listen(AFTERWARDS_MS);
  const ended = session.heard.slice(at, behind);
  const strayMs = ended.reduce((sum, { audioMs }) => sum + audioMs, 0);
  const order = session.order(at);
  const figures = {
    interruptedMs: Math.round(told.atMs - sinceMs),
    strayAudioMs: Math.round(strayMs),
  };
  if (ended.some(({ kinds }) => kinds.includes('generationComplete')))
    return failed(`the interrupted turn has a generationComplete: ${order}`, figures);
  return passed(order, figures);
}

export const interruptionChecks: readonly Check[] = [
  {
    name: 'interrupt-by-text',
    question: 'Does typed text cut the model short, and what still comes after `interrupted`?',
    deadlineMs: 60_000,
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await tellingStory(run);
      const from = session.heard.length;
      session.send({ realtimeInput: { text: 'Stop, please.' } });
      return interruption(session, from, session.nowMs, true);
    },
  },
  {
    name: 'interrupt-by-content',
    question: 'Does an empty clientContent without turnComplete stop the model without an answer?',
    deadlineMs: 60_000,
    notHere: ({ capabilities, model }: Situation): string | undefined =>
      capabilities.clientContentMidSession ? undefined : `${model} takes clientContent at the start only`,
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await tellingStory(run);
      const from = session.heard.length;
      session.send({ clientContent: { turnComplete: false } });
      const finding = await interruption(session, from, session.nowMs, false);
      const end = session.heard.findIndex(
        (each, index) => index >= from && each.kinds.includes('turnComplete'),
      );
      const answered = session.heard.slice(end + 1).some(({ audioMs }) => audioMs > 0);
      return answered ? failed(`it went on speaking: ${session.order(from)}`, finding.figures) : finding;
    },
  },
  {
    name: 'interrupt-by-speech',
    question: 'Does speech cut the model short, and how soon after it began?',
    deadlineMs: 60_000,
    notHere: needsSpeech,
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await tellingStory(run);
      const from = session.heard.length;
      const sinceMs = session.nowMs;
      const speaking = session.speak(run.lines.question).then(() => session.speak(silence(1_500)));
      const [finding] = await Promise.all([interruption(session, from, sinceMs, true), speaking]);
      return finding;
    },
  },
  {
    name: 'cancellation-order',
    question: 'When an interruption cancels a call, does `interrupted` or `toolCallCancellation` come first?',
    openPoint: 'order of interrupted and toolCallCancellation',
    deadlineMs: 60_000,
    notHere: needsTools('BLOCKING'),
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await run.open(tools([{ ...WEATHER, behavior: 'BLOCKING' }]));
      session.send({ realtimeInput: { text: 'What is the weather in Paris?' } });
      await session.waitForKind('toolCall');
      const from = session.heard.length;
      session.send({ realtimeInput: { text: 'Never mind. How are you?' } });
      await session.waitFor('an answer', ({ audioMs }) => audioMs > 0, { from });
      const kinds = session.heard.slice(from).flatMap((message) => message.kinds);
      const interrupted = kinds.indexOf('interrupted');
      const cancelled = kinds.indexOf('toolCallCancellation');
      const order = session.order(from);
      if (cancelled < 0) return observed(`the call was not cancelled: ${order}`, { cancelled: false });
      const first = interrupted >= 0 && interrupted < cancelled ? 'interrupted' : 'toolCallCancellation';
      return observed(`${first} comes first: ${order}`, { cancelled: true });
    },
  },
  {
    name: 'prefix-padding',
    question: 'How long does a sound have to be to count as speech, with nothing set?',
    openPoint: 'default prefixPaddingMs',
    deadlineMs: 60_000,
    notHere: needsSpeech,
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await tellingStory(run);
      for (const durationMs of SOUNDS_MS) {
        const from = session.heard.length;
        await session.speak(spokenFor(run, durationMs));
        await session.speak(silence(PAUSE_MS));
        if (session.heard.slice(from).some(({ kinds }) => kinds.includes('interrupted'))) {
          return observed(`${durationMs} ms of speech interrupt, shorter ones do not`, {
            interruptsFromMs: durationMs,
          });
        }
        if (session.ending) break;
      }
      return observed(`no sound of up to ${SOUNDS_MS.at(-1)} ms interrupted`, { interruptsFromMs: -1 });
    },
  },
];

/** An upper bound each for what is a padding of its own. */
const SOUNDS_MS = [40, 80, 120, 160, 240, 320, 480] as const;
const PAUSE_MS = 600;

/** From within the first word, where it is loud. */
function spokenFor(run: CheckRun, durationMs: number): Uint8Array {
  const from = pcm16ByteLength(200, SPEECH_RATE_HZ);
  return run.lines.hello.subarray(from, from + pcm16ByteLength(durationMs, SPEECH_RATE_HZ));
}
