import { observed, passed, failed, type Check, type Finding } from '../check.js';
import { CheckFailure } from '../check-failure.js';
import { describeOutcome, type CheckRun } from '../run/check-run.js';
import type { WireSession } from '../wire/wire-session.js';
import { ask, requireWords } from './typed-turn.js';

const REMEMBER = 'The password is walnut. Remember it.';
const RECALL = 'What is the password?';
const WORD = /walnut/i;
/** Of the right length and alphabet, and nobody's. */
const MADE_UP = 'Cihub2JvZHlzLWhhbmRsZS1tYWRlLXVwLWJ5LXZlcmlmeS1nZW1pbmk';

/** The handle of a session that has heard the password, and when it came. */
export async function rememberedHandle(
  session: WireSession,
): Promise<{ handle: string; afterTurnMs: number }> {
  const turn = await ask(session, REMEMBER);
  const end = turn.messages.at(-1);
  const from = session.heard.length - 1;
  const update = await session.waitFor('a handle', ({ resumption }) => !!resumption?.handle, { from });
  const handle = update.resumption?.handle ?? '';
  return { handle, afterTurnMs: Math.round(update.atMs - (end?.atMs ?? update.atMs)) };
}

export const resumptionChecks: readonly Check[] = [
  {
    name: 'resumption',
    question: 'Does a session that is resumed with its handle remember a word from before?',
    deadlineMs: 75_000,
    run: async (run: CheckRun): Promise<Finding> => {
      const first = await run.open({ sessionResumption: {} });
      const { afterTurnMs, handle } = await rememberedHandle(first);
      first.close();
      const resumed = await run.attempt({ sessionResumption: { handle } });
      if (resumed.kind !== 'accepted') return failed(`not resumed: ${describeOutcome(resumed)}`);
      const turn = await ask(resumed.session, RECALL);
      requireWords(turn.words, WORD, 'the word from before');
      return passed('it remembers', { handleAfterTurnMs: afterTurnMs, resumeSetupMs: resumed.times.setupMs });
    },
  },
  {
    name: 'resumable-false',
    question: 'When can a session not be resumed?',
    deadlineMs: 45_000,
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await run.open({ sessionResumption: {} });
      await ask(session, 'Say the word tulip.');
      await session.listen(AFTER_TURN_MS);
      const suspended = session.heard.filter(({ resumption }) => resumption?.resumable === false).length;
      const handles = session.heard.filter(({ resumption }) => resumption?.handle).length;
      const figures = { suspensions: suspended, handles };
      if (handles === 0) return failed(`no handle came: ${session.order()}`, figures);
      return observed(session.order(), figures);
    },
  },
  {
    name: 'resumption-bad-handle',
    question: 'How is a handle refused that was never given out?',
    openPoint: 'code and reason for a bad handle',
    deadlineMs: 30_000,
    run: async (run: CheckRun): Promise<Finding> => {
      run.learn(MADE_UP);
      const outcome = await run.attempt({ sessionResumption: { handle: MADE_UP } });
      if (outcome.kind !== 'accepted') return observed(describeOutcome(outcome), { accepted: false });
      const ending = await outcome.session.endingWithin(AFTER_SETUP_MS);
      const later = ending
        ? `, and closed with ${ending.code} "${ending.reason}"`
        : ' as if it were a new session';
      return observed(`accepted${later}`, { accepted: true });
    },
  },
  {
    name: 'resumption-expired-handle',
    question: 'How is a handle refused whose two hours are over?',
    openPoint: 'code and reason for an expired handle',
    deadlineMs: 1_000,
    notHere: (): string => 'it takes more than two hours',
    run: (): Promise<Finding> => Promise.reject(new CheckFailure('it takes more than two hours')),
  },
];

const AFTER_TURN_MS = 2_500;
const AFTER_SETUP_MS = 3_000;
