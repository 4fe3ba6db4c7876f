import { classifyLoss } from '@parley/gemini';
import { failed, observed, passed, type Check, type Finding } from '../check.js';
import { describeOutcome, type CheckRun, type Setup, type SetupOutcome } from '../run/check-run.js';

/** One refusal each: what the service says, and whether Parley's classifier makes of it that a retry is no use. */
export const refusalChecks: readonly Check[] = [
  {
    name: 'wrong-model',
    question: 'How is a model refused that does not exist?',
    deadlineMs: 30_000,
    run: (run: CheckRun): Promise<Finding> =>
      refusal(run, { model: run.situation.target.modelName('gemini-0.0-never-live') }),
  },
  {
    name: 'wrong-voice',
    question: 'How is a voice refused that does not exist?',
    deadlineMs: 30_000,
    run: (run: CheckRun): Promise<Finding> =>
      refusal(run, {
        generationConfig: {
          responseModalities: ['AUDIO'],
          speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Nobody' } } },
        },
      }),
  },
  {
    name: 'wrong-modality',
    question: 'How are two modalities at once refused?',
    deadlineMs: 30_000,
    run: (run: CheckRun): Promise<Finding> =>
      refusal(run, { generationConfig: { responseModalities: ['AUDIO', 'TEXT'] } }),
  },
  {
    name: 'activity-with-detection',
    question: 'How is activityStart refused while the service detects activity itself?',
    deadlineMs: 30_000,
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await run.open();
      session.send({ realtimeInput: { activityStart: {} } });
      const ending = await session.endingWithin(AFTER_MESSAGE_MS);
      return ending
        ? observed(`closed with ${ending.code} "${ending.reason}"`, { closeCode: ending.code })
        : observed('it was ignored', { closeCode: 0 });
    },
  },
];

const AFTER_MESSAGE_MS = 4_000;

async function refusal(run: CheckRun, setup: Setup): Promise<Finding> {
  const outcome = await run.attempt(setup);
  if (outcome.kind === 'accepted') {
    outcome.session.close();
    return observed('it was accepted', { accepted: true });
  }
  const loss = lossOf(outcome);
  if (!loss) return failed(describeOutcome(outcome), { accepted: false });
  const { about, kind } = classifyLoss({ phase: 'connect', ...loss });
  const figures = { accepted: false, closeCode: loss.closeCode, takenFor: `${kind}, ${about}` };
  return kind === 'fatal'
    ? passed(describeOutcome(outcome), figures)
    : failed(`${describeOutcome(outcome)}; Parley would try it again`, figures);
}

function lossOf(
  outcome: SetupOutcome,
): { closeCode: number; reason: string; httpStatus?: number } | undefined {
  if (outcome.kind === 'closed') return { closeCode: outcome.ending.code, reason: outcome.ending.reason };
  if (outcome.kind === 'refused') return { closeCode: 1006, reason: '', httpStatus: outcome.httpStatus };
  return undefined;
}
