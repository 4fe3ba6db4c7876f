import { ParleyError, withinBounds, type Clock, type Log } from '@parley/kernel';
import type { LlmResponse } from '../model/llm.js';

/** A guardrail that takes longer counts as one that refused. */
const VERDICT_MS = 10_000;

export interface VerdictParts {
  readonly agentName: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Its abort is no verdict: it comes out as it is. */
  readonly ended?: AbortSignal;
}

/** What a guardrail says instead, or undefined. Fail-closed: one that throws or takes more than 10 s refuses. */
export async function verdictOf(
  { agentName, clock, log, ended }: VerdictParts,
  asked: Promise<LlmResponse | undefined>,
): Promise<LlmResponse | undefined> {
  try {
    const onExpiry = (): Error => new ParleyError('internal', 'A guardrail took too long.');
    const signal = ended ? { signal: ended } : {};
    return await withinBounds(asked, { clock, withinMs: VERDICT_MS, onExpiry, ...signal });
  } catch (error) {
    ended?.throwIfAborted();
    log.error('a guardrail failed', {
      agent: agentName,
      error: error instanceof Error ? error.name : 'unknown',
    });
    return { errorCode: 'internal', errorMessage: 'A guardrail failed, so this was not let through.' };
  }
}
