import { failed, observed, passed, type Check, type Finding } from '../check.js';
import type { Situation } from '../run/situation.js';
import { CheckFailure } from '../check-failure.js';
import { describeOutcome, type CheckRun } from '../run/check-run.js';
import { liveAddress } from '../run/target.js';
import { ask } from './typed-turn.js';

/** Connections last ten minutes; a little more is waited for. */
const CONNECTION_MS = 13 * 60_000;

export const connectionChecks: readonly Check[] = [
  {
    name: 'permessage-deflate',
    question: 'Does the service accept compression when it is offered?',
    openPoint: 'whether permessage-deflate is accepted',
    deadlineMs: 30_000,
    run: async (run: CheckRun): Promise<Finding> => {
      const outcome = await run.attempt({}, { offersDeflate: true });
      if (outcome.kind !== 'accepted') return failed(describeOutcome(outcome));
      outcome.session.close();
      const { extensions } = outcome.times;
      return observed(extensions === '' ? 'not accepted' : `accepted: ${extensions}`, {
        accepted: extensions !== '',
      });
    },
  },
  {
    name: 'v1-endpoint',
    question: 'Is the Live API to be had under version v1?',
    openPoint: 'behaviour of v1 for the plain endpoint',
    deadlineMs: 30_000,
    run: async (run: CheckRun): Promise<Finding> => {
      const outcome = await run.attempt({}, { address: liveAddress(run.situation.target, 'v1') });
      if (outcome.kind === 'accepted') outcome.session.close();
      return observed(describeOutcome(outcome), { accepted: outcome.kind === 'accepted' });
    },
  },
  {
    name: 'go-away',
    question: 'How long before its end is a connection told of it, and how does it end?',
    openPoint: 'lead time of goAway, and the close after it',
    deadlineMs: CONNECTION_MS + 60_000,
    notHere: ({ waitForGoAway }: Situation): string | undefined =>
      waitForGoAway ? undefined : 'it takes ten minutes: ask with --wait-for-go-away',
    run: async (run: CheckRun): Promise<Finding> => {
      const { target } = run.situation;
      const address = liveAddress({ ...target, baseUrl: target.shortLivedUrl ?? target.baseUrl });
      const outcome = await run.attempt({ sessionResumption: {} }, { address });
      if (outcome.kind !== 'accepted') return failed(describeOutcome(outcome));
      const { session } = outcome;
      const openedMs = session.nowMs;
      await ask(session, 'Hello! How are you?');
      const told = await session.waitForKind('goAway', { withinMs: CONNECTION_MS });
      const ending = await session.endingWithin(2 * 60_000);
      if (!ending) return failed('goAway came, and the connection went on');
      const figures = {
        goAwayAfterMs: Math.round(told.atMs - openedMs),
        timeLeftMs: told.timeLeftMs ?? -1,
        closedAfterGoAwayMs: Math.round(ending.atMs - told.atMs),
        closeCode: ending.code,
      };
      return observed(`closed with ${ending.code} "${ending.reason}"`, figures);
    },
  },
  {
    name: 'session-length',
    question: 'How does a session end that is older than fifteen minutes?',
    openPoint: 'code and reason when a session has been too long',
    deadlineMs: 1_000,
    notHere: (): string => 'it takes fifteen minutes of audio',
    run: (): Promise<Finding> => Promise.reject(new CheckFailure('it takes fifteen minutes of audio')),
  },
  {
    name: 'context-update',
    question: 'Can the system instruction be replaced in the middle of a session?',
    openPoint: 'contextUpdate on the Gemini API',
    deadlineMs: 60_000,
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await run.open({
        systemInstruction: { parts: [{ text: 'You are Robin. Be brief.' }] },
      });
      await ask(session, 'Say the word tulip.');
      const parts = [{ text: 'You are Zelda. Be brief.' }];
      session.send({ contextUpdate: { systemInstruction: { parts } } });
      const ending = await session.endingWithin(2_000);
      if (ending) return observed(`closed with ${ending.code} "${ending.reason}"`, { accepted: false });
      const turn = await ask(session, 'What is your name?');
      const holds = /zelda/i.test(turn.words);
      return observed(`accepted; the new instruction ${holds ? 'holds' : 'is not followed'}`, {
        accepted: true,
        holds,
      });
    },
  },
  {
    name: 'message-kinds',
    question: 'Are all messages of kinds that Parley knows?',
    deadlineMs: 45_000,
    run: async (run: CheckRun): Promise<Finding> => {
      const session = await run.open({ sessionResumption: {} });
      await ask(session, 'Hello! How are you?');
      const kinds = new Set(session.heard.flatMap((message) => message.kinds));
      const unknown = [...kinds].filter((kind) => !KNOWN_KINDS.has(kind));
      const figures = { kinds: kinds.size, unknownKinds: unknown.join(', ') || 'none' };
      return unknown.length > 0
        ? observed('there are kinds of messages that Parley does not read', figures)
        : passed('all known', figures);
    },
  },
];

const KNOWN_KINDS = new Set(
  `setupComplete audio text thought inputTranscription outputTranscription interimInputTranscription generationComplete
  turnComplete turnCompleteReason interrupted waitingForInput groundingMetadata urlContextMetadata interactionStatus usage
  toolCall toolCallCancellation goAway resumable notResumable voiceActivity voiceActivityDetectionSignal executableCode
  codeExecutionResult`.split(/\s+/),
);
