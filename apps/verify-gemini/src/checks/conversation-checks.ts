import { failed, needsSpeech, observed, passed, type Check, type Finding } from '../check.js';
import type { Situation } from '../run/situation.js';
import { describeOutcome, type CheckRun } from '../run/check-run.js';
import { SENTENCES, silence } from '../run/spoken-lines.js';
import { afterMs, ask, hearTurn, requireWords, usageAfter } from './typed-turn.js';

/** What comes behind a turn: late captions, usage. */
const TRAILING_MS = 1_500;
/** Longer than any silence that ends a turn by itself. */
const END_OF_SPEECH_MS = 1_500;

export const conversationChecks: readonly Check[] = [
  {
    name: 'set-up',
    question: 'Is a session opened, and how long does it take?',
    deadlineMs: 25_000,
    run: async (run: CheckRun): Promise<Finding> => {
      const outcome = await run.attempt();
      if (outcome.kind !== 'accepted') return failed(describeOutcome(outcome));
      const { session, times } = outcome;
      session.close();
      const [first] = session.heard;
      const frames = first?.binary ? 'binary' : 'text';
      return passed(`set up; the first messages were ${session.order()}, in ${frames} frames`, {
        upgradeMs: times.upgradeMs,
        setupMs: times.setupMs,
      });
    },
  },
  {
    name: 'text-turn',
    question: 'Is a typed message answered in speech, and in which order does the turn end?',
    deadlineMs: 45_000,
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await run.open();
      const turn = await ask(session, 'Hello! How are you?');
      await session.listen(TRAILING_MS);
      const generatedAfterMs = afterMs(turn.messages, 'generationComplete', turn.askedAtMs);
      const completeAfterMs = afterMs(turn.messages, 'turnComplete', turn.askedAtMs) ?? 0;
      const figures = {
        firstAudioMs: turn.firstAudioMs ?? -1,
        audioMs: turn.audioMs,
        turnMs: completeAfterMs,
        ...(generatedAfterMs !== undefined && {
          turnCompleteAfterGenerationMs: completeAfterMs - generatedAfterMs,
        }),
        malformedFrames: session.malformed,
      };
      const ends = session.heard.filter(({ kinds }) => kinds.includes('turnComplete')).length;
      if (turn.firstAudioMs === undefined) return failed(`no audio: ${turn.order}`, figures);
      if (generatedAfterMs === undefined) return failed(`no generationComplete: ${turn.order}`, figures);
      if (ends !== 1) return failed(`the turn was completed ${ends} times: ${session.order()}`, figures);
      if (session.malformed > 0) return failed('there were frames that are no JSON objects', figures);
      return passed(session.order(), figures);
    },
  },
  {
    name: 'usage-sums',
    question: 'Does every turn report usage, and do its parts add up?',
    deadlineMs: 60_000,
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await run.open();
      const first = await usageAfter(session, await ask(session, 'Say the word tulip.'));
      const second = await usageAfter(session, await ask(session, 'Say the word daisy.'));
      const detailSum = [...second.promptDetails.values()].reduce((sum, count) => sum + count, 0);
      const figures = {
        promptTokens: first.prompt,
        nextPromptTokens: second.prompt,
        responseTokens: second.response,
        totalTokens: second.total,
        thoughtTokens: second.thoughts,
        totalLessParts: second.total - second.prompt - second.response,
        promptLessDetails: second.prompt - detailSum,
      };
      if (second.prompt <= first.prompt)
        return failed('the context of the first turn was not counted again', figures);
      const adds =
        figures.totalLessParts === 0 ? 'total = prompt + response' : 'the total is not prompt + response';
      return passed(`${adds}; the second turn counts the first again`, figures);
    },
  },
  {
    name: 'spoken-turn',
    question: 'Is a spoken sentence heard and answered in speech, and how soon?',
    deadlineMs: 60_000,
    notHere: needsSpeech,
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await run.open();
      await session.speak(run.lines.hello);
      const spokenAtMs = session.nowMs;
      const [turn] = await Promise.all([
        hearTurn(session, { askedAtMs: spokenAtMs }),
        session.speak(silence(END_OF_SPEECH_MS)),
      ]);
      const heard = turn.messages.map(({ userCaption }) => userCaption?.text ?? '').join('');
      const figures = {
        firstAudioMs: turn.firstAudioMs ?? -1,
        audioMs: turn.audioMs,
        ...wordsHeard(heard, SENTENCES.hello),
      };
      return turn.firstAudioMs === undefined
        ? failed(`no audio: ${turn.order}`, figures)
        : passed(`answered; firstAudioMs counts from the end of the speech; ${turn.order}`, figures);
    },
  },
  {
    name: 'transcriptions',
    question: 'Are both sides transcribed, in how many pieces, and does a piece say that it is the last?',
    deadlineMs: 60_000,
    notHere: needsSpeech,
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await run.open();
      await session.speak(run.lines.question);
      const askedAtMs = session.nowMs;
      await Promise.all([hearTurn(session, { askedAtMs }), session.speak(silence(END_OF_SPEECH_MS))]);
      await session.listen(TRAILING_MS);
      const mine = session.heard.flatMap(({ userCaption }) => userCaption ?? []);
      const its = session.heard.flatMap(({ modelCaption }) => modelCaption ?? []);
      const end = session.heard.findIndex(({ kinds }) => kinds.includes('turnComplete'));
      const late = session.heard.slice(end + 1).filter((each) => each.userCaption ?? each.modelCaption);
      const figures = {
        inputPieces: mine.length,
        inputFinished: mine.filter(({ finished }) => finished).length,
        outputPieces: its.length,
        outputFinished: its.filter(({ finished }) => finished).length,
        afterTurnComplete: late.length,
        ...wordsHeard(mine.map(({ text }) => text).join(''), SENTENCES.question),
      };
      if (mine.length === 0 || its.length === 0) return failed('one side was not transcribed', figures);
      const said = (count: number): string =>
        count > 0 ? 'is marked as finished' : 'is never marked as finished';
      return passed(
        `the input ${said(figures.inputFinished)}, the output ${said(figures.outputFinished)}`,
        figures,
      );
    },
  },
  {
    name: 'audio-stream-end',
    question: 'Does audioStreamEnd end the turn of a speaker without waiting for silence?',
    deadlineMs: 45_000,
    notHere: needsSpeech,
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await run.open();
      await session.speak(run.lines.question);
      const askedAtMs = session.nowMs;
      session.send({ realtimeInput: { audioStreamEnd: true } });
      const turn = await hearTurn(session, { askedAtMs });
      return passed('answered although no silence followed', { firstAudioMs: turn.firstAudioMs ?? -1 });
    },
  },
  {
    name: 'manual-activity',
    question: 'With detection off, do activityStart and activityEnd mark a turn?',
    deadlineMs: 45_000,
    notHere: needsSpeech,
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await run.open({
        realtimeInputConfig: { automaticActivityDetection: { disabled: true } },
      });
      session.send({ realtimeInput: { activityStart: {} } });
      await session.speak(run.lines.question);
      const early = session.heard.filter(({ audioMs }) => audioMs > 0).length;
      const askedAtMs = session.nowMs;
      session.send({ realtimeInput: { activityEnd: {} } });
      const turn = await hearTurn(session, { askedAtMs });
      const figures = { firstAudioMs: turn.firstAudioMs ?? -1 };
      return early > 0 ? failed('it answered before activityEnd', figures) : passed('answered', figures);
    },
  },
  {
    name: 'seeded-history',
    question: 'Is history that is given at the start left unanswered, and known afterwards?',
    deadlineMs: 60_000,
    notHere: ({ capabilities, model }: Situation): string | undefined =>
      capabilities.clientContentMidSession ? undefined : `${model} takes history with historyConfig only`,
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await run.open();
      session.send({ clientContent: { turns: SEED, turnComplete: false } });
      await session.listen(QUIET_MS);
      const answered = session.heard.some(({ audioMs }) => audioMs > 0);
      if (answered) return failed('history without turnComplete was answered');
      const turn = await ask(session, 'What is my name?');
      requireWords(turn.words, /alice/i, 'what the history says');
      return passed(`not answered within ${QUIET_MS / 1_000} s, and known`);
    },
  },
  {
    name: 'history-config',
    question: 'Does this model take historyConfig, and history with turnComplete without answering it?',
    openPoint: 'historyConfig on this model',
    deadlineMs: 60_000,
    notHere: ({ target }: Situation): string | undefined =>
      target.kind === 'vertex' ? 'Vertex AI has no historyConfig' : undefined,
    run: async (run: CheckRun): Promise<Finding> => {
      const outcome = await run.attempt({ historyConfig: { initialHistoryInClientContent: true } });
      if (outcome.kind !== 'accepted') {
        return observed(describeOutcome(outcome), { accepted: false });
      }
      const { session } = outcome;
      session.send({ clientContent: { turns: SEED, turnComplete: true } });
      await session.listen(QUIET_MS);
      const answered = session.heard.some(({ audioMs }) => audioMs > 0);
      const turn = await ask(session, 'What is my name?');
      const known = /alice/i.test(turn.words);
      return observed(
        `accepted; the history was ${answered ? '' : 'not '}answered, and ${known ? '' : 'not '}known`,
        { accepted: true, answered, known },
      );
    },
  },
];

const QUIET_MS = 2_500;
const SEED = [
  { role: 'user', parts: [{ text: 'My name is Alice.' }] },
  { role: 'model', parts: [{ text: 'Nice to meet you, Alice.' }] },
];

/** How many of the words that were said are in the transcript. */
function wordsHeard(transcript: string, sentence: string): { wordsSaid: number; wordsHeard: number } {
  const words = sentence.toLowerCase().match(/[a-z]+/g) ?? [];
  const heard = new Set(transcript.toLowerCase().match(/[a-z]+/g) ?? []);
  return { wordsSaid: words.length, wordsHeard: words.filter((word) => heard.has(word)).length };
}
