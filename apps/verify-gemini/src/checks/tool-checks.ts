import { failed, needsTools, observed, passed, type Check, type Finding } from '../check.js';
import type { Situation } from '../run/situation.js';
import { CheckFailure } from '../check-failure.js';
import type { CheckRun } from '../run/check-run.js';
import type { HeardCall } from '../wire/heard-message.js';
import type { WireSession } from '../wire/wire-session.js';
import { answerTo, POPULATION, tools, WEATHER, type TestTool } from './test-tools.js';
import { hearTurn, requireWords, wordsIn } from './typed-turn.js';

const QUESTION = 'What is the weather in Paris?';
const RESULT = 'It rains marmalade.';
const RARE_WORD = /marmalade/i;

export const toolChecks: readonly Check[] = [
  {
    name: 'tool-blocking',
    question: 'Does a BLOCKING call hold the model until it is answered, and does its turn end meanwhile?',
    deadlineMs: 60_000,
    notHere: needsTools('BLOCKING'),
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await run.open(tools([{ ...WEATHER, behavior: 'BLOCKING' }]));
      const { call, callMs } = await called(session, QUESTION);
      const from = session.heard.length;
      await session.listen(HOLD_MS);
      const meanwhile = session.heard.slice(from);
      const spoke = meanwhile.some(({ audioMs }) => audioMs > 0);
      const turnEnded = meanwhile.some(({ kinds }) => kinds.includes('turnComplete'));
      const answeredAtMs = session.nowMs;
      session.send(answerTo(call, RESULT));
      const turn = await hearTurn(session, { from: session.heard.length, askedAtMs: answeredAtMs });
      requireWords(turn.words, RARE_WORD, 'the result');
      return passed(
        `the turn ${turnEnded ? 'ends' : 'does not end'} with the call; the model ${spoke ? 'speaks' : 'is silent'} while it waits`,
        { callMs, resultSpokenMs: turn.firstAudioMs ?? -1, turnEndsAtCall: turnEnded, spokeMeanwhile: spoke },
      );
    },
  },
  {
    name: 'tool-when-idle',
    question: 'Does a NON_BLOCKING result with WHEN_IDLE wait until the model has finished?',
    deadlineMs: 75_000,
    notHere: needsScheduling,
    run: async (run: CheckRun): Promise<Finding> => {
      const { call, session } = await busySession(run);
      const from = session.heard.length;
      session.send(answerTo(call, RESULT, 'WHEN_IDLE'));
      const first = await hearTurn(session, { from, askedAtMs: session.nowMs });
      if (RARE_WORD.test(first.words)) return observed('the result was told within the running turn');
      const end = session.heard.findIndex((each, at) => at >= from && each.kinds.includes('turnComplete'));
      const second = await hearTurn(session, { from: end + 1, askedAtMs: session.nowMs });
      requireWords(second.words, RARE_WORD, 'the result');
      return passed(`the running turn was finished first: ${session.order(from)}`);
    },
  },
  {
    name: 'tool-interrupt',
    question: 'Does a NON_BLOCKING result with INTERRUPT cut into what the model says?',
    deadlineMs: 75_000,
    notHere: needsScheduling,
    run: async (run: CheckRun): Promise<Finding> => {
      const { call, session } = await busySession(run);
      const from = session.heard.length;
      const answeredAtMs = session.nowMs;
      session.send(answerTo(call, RESULT, 'INTERRUPT'));
      const cut = await session.waitForKind('interrupted', { from });
      const at = session.heard.indexOf(cut);
      const turn = await hearTurn(session, { from: at + 1, askedAtMs: answeredAtMs });
      requireWords(turn.words, RARE_WORD, 'the result');
      return passed(session.order(from), { interruptedMs: Math.round(cut.atMs - answeredAtMs) });
    },
  },
  {
    name: 'tool-silent',
    question: 'Is a NON_BLOCKING result with SILENT kept to itself?',
    deadlineMs: 75_000,
    notHere: needsScheduling,
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await run.open(tools([{ ...WEATHER, behavior: 'NON_BLOCKING' }]));
      const { call } = await called(session, QUESTION);
      await turnOver(session);
      const from = session.heard.length;
      session.send(answerTo(call, RESULT, 'SILENT'));
      await session.listen(HOLD_MS);
      const spoke = session.heard.slice(from).some(({ audioMs }) => audioMs > 0);
      return spoke ? failed(`it was told at once: ${session.order(from)}`) : passed('nothing was said');
    },
  },
  {
    name: 'tool-parallel',
    question: 'Are two questions at once two calls, in one message or two, and are both answers used?',
    deadlineMs: 75_000,
    notHere: needsAnyTools,
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await run.open(
        tools([WEATHER, POPULATION].map((tool) => waiting(run.situation, tool))),
      );
      session.send({
        realtimeInput: { text: 'What is the weather in Paris, and what is the population of Paris?' },
      });
      const calls = (): readonly HeardCall[] => session.heard.flatMap((message) => message.calls);
      await session.waitFor('a second call', () => calls().length >= 2);
      const [first, second] = calls();
      if (!first || !second) throw new CheckFailure('there were no two calls');
      const messages = session.heard.filter((message) => message.calls.length > 0).length;
      const from = session.heard.length;
      session.send(answerTo(second, 'It has nine citizens.'));
      session.send(answerTo(first, RESULT));
      await session.waitFor('an answer', ({ audioMs }) => audioMs > 0, { from });
      await turnOver(session, from);
      await session.listen(HOLD_MS);
      const words = wordsIn(session.heard.slice(from));
      requireWords(words, /marmalade|nine/i, 'either result');
      return passed(`two calls in ${messages === 1 ? 'one message' : `${messages} messages`}`, {
        differentIds: first.id !== second.id,
        bothTold: /marmalade/i.test(words) && /nine/i.test(words),
      });
    },
  },
];

const HOLD_MS = 1_500;

function needsScheduling(situation: Situation): string | undefined {
  const { capabilities, model } = situation;
  if (!capabilities.responseScheduling) return `${model} does not take scheduling`;
  return needsTools('NON_BLOCKING')(situation);
}

function needsAnyTools({ capabilities, model }: Situation): string | undefined {
  return capabilities.toolBehaviors.length > 0 ? undefined : `${model} calls no functions`;
}

/** As a function that the model waits for, where there is such a thing. */
function waiting({ capabilities }: Situation, tool: TestTool): TestTool {
  return capabilities.toolBehaviors.includes('BLOCKING') ? { ...tool, behavior: 'BLOCKING' } : tool;
}

async function called(session: WireSession, question: string): Promise<{ call: HeardCall; callMs: number }> {
  const askedAtMs = session.nowMs;
  session.send({ realtimeInput: { text: question } });
  const message = await session.waitForKind('toolCall');
  const [call] = message.calls;
  if (!call || call.id === '') throw new CheckFailure('the call has no id');
  return { call, callMs: Math.round(message.atMs - askedAtMs) };
}

/** A call is open, and the model speaks of something else. */
async function busySession(run: CheckRun): Promise<{ session: WireSession; call: HeardCall }> {
  const session = await run.open(tools([{ ...WEATHER, behavior: 'NON_BLOCKING' }]));
  const { call } = await called(session, QUESTION);
  await turnOver(session);
  const from = session.heard.length;
  session.send({ realtimeInput: { text: 'Meanwhile, count aloud from one to fifteen.' } });
  await session.waitFor('counting', ({ audioMs }) => audioMs > 0, { from });
  return { session, call };
}

async function turnOver(session: WireSession, from = 0): Promise<void> {
  await session.waitForKind('turnComplete', { from, withinMs: 20_000 });
}
