import { functionCallsOf, functionResponsesOf, type Event, type FunctionCall } from '@parley/event';
import type { Clock } from '@parley/kernel';
import type { EventDraft } from './event-factory.js';
import type { ToolFinding } from './content-tools.js';
import { ToolConfirmations, type ConfirmationVerdict } from './tool-confirmations.js';

/** A call that a person was asked about, and what the person said to it. */
export interface AnsweredQuestion {
  readonly call: FunctionCall;
  readonly hint: string;
  readonly verdict: ConfirmationVerdict;
}

/** What a client is asked with: the same as in a live conversation. */
export function questionDraft(
  { call, hint, payload, actions }: Extract<ToolFinding, { kind: 'question' }>,
  clock: Clock,
  newCallId: () => string,
): EventDraft {
  const open = new ToolConfirmations(clock, newCallId).ask({
    call,
    hint,
    payload,
    onVerdict: () => undefined,
  });
  if (!open) return { actions };
  open.withdraw();
  return {
    content: { role: 'model', parts: [{ functionCall: open.request }] },
    longRunningToolIds: [open.request.id],
    actions: { ...actions, requestedToolConfirmations: { [call.id]: open.asked } },
  };
}

/**
 * The questions of `agentName` that the message `said` answers. What was called is taken from the agent's own call,
 * not from the question or its answer; a call that has its answer already is not run again.
 */
export function answeredQuestions(
  events: readonly Event[],
  agentName: string,
  said: Event,
  clock: Clock,
): readonly AnsweredQuestion[] {
  const own = events.filter(({ author }) => author === agentName);
  return functionResponsesOf(said).flatMap((response) => {
    const at = own.findLastIndex((event) => functionCallsOf(event).some(({ id }) => id === response.id));
    const [asked] = Object.entries(own[at]?.actions.requestedToolConfirmations ?? {});
    if (!asked) return [];
    const [callId, { hint }] = asked;
    const call = own.flatMap(functionCallsOf).find(({ id }) => id === callId);
    const done = own.slice(at).some((event) => functionResponsesOf(event).some(({ id }) => id === callId));
    if (!call || done) return [];
    let verdict: ConfirmationVerdict = { confirmed: false, expired: false };
    const questions = new ToolConfirmations(clock, () => response.id);
    questions.ask({ call, hint, onVerdict: (given) => (verdict = given) });
    questions.answer(response);
    return [{ call, hint, verdict }];
  });
}
