import type { Content } from '@parley/event';
import type { Invocation } from '../runner/invocation.js';
import type { ContinuedRun } from './continued-run.js';
import { historyOf } from './history.js';
import { splitUnanswered } from './unanswered.js';

/** Who handed the conversation over, and when (monotonic milliseconds). */
export interface HandOver {
  readonly by: string;
  readonly atMs: number;
  /** `transfer`: what the user said last is still to be answered. `completed`: it was dealt with. */
  readonly because: 'transfer' | 'completed';
}

/** What an agent that takes over is to answer at once. */
export function openingOf(invocation: Invocation, handedOver: HandOver | undefined): Content | undefined {
  if (!handedOver) return undefined;
  const { unanswered } = splitUnanswered(invocation.store.events);
  if (unanswered && handedOver.because === 'transfer') return unanswered;
  const text = `For context: [${handedOver.by}] handed the conversation over to you. Go on.`;
  return { role: 'user', parts: [{ text }] };
}

/**
 * The past as a new session of the model is told it, whenever one starts. What is still to be answered is told apart
 * from it: by the opening, or, when a session was lost later on, by the connection, which sends it again.
 */
export function historyFor(
  invocation: Invocation,
  handedOver: HandOver | undefined,
  continued?: ContinuedRun,
): () => readonly Content[] {
  const { includeThoughtsFromOtherAgents, modelInputContext } = invocation.runConfig;
  let toldApart = handedOver?.because === 'transfer';
  let apart = continued?.apart;
  return () => {
    const { events } = invocation.store;
    const told = apart
      ? events.filter(({ id }) => !apart?.has(id))
      : toldApart
        ? splitUnanswered(events).answered
        : events;
    toldApart = true;
    apart = undefined;
    return [
      ...historyOf(told, { includeThoughts: includeThoughtsFromOtherAgents }),
      ...(modelInputContext ?? []).map(({ role = 'user' as const, parts }) => ({ role, parts })),
    ];
  };
}
