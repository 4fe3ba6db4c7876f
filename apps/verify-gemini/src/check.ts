import type { CheckRun } from './run/check-run.js';
import type { Situation } from './run/situation.js';

/** `observed`: there is no right answer, only one that had to be seen. */
export type Verdict = 'pass' | 'fail' | 'observed' | 'not applicable';

export type Figures = Readonly<Record<string, number | string | boolean>>;

export interface Finding {
  readonly verdict: Verdict;
  /** One line: what was seen, or why it was not asked. */
  readonly says: string;
  readonly figures: Figures;
}

/** One question to the service. */
export interface Check {
  readonly name: string;
  readonly question: string;
  /** What no document says about the service, and this check looks at. */
  readonly openPoint?: string;
  /** Within which it is over, whatever happens. */
  readonly deadlineMs: number;
  /** Why it can't be asked here; undefined when it can. */
  readonly notHere?: (situation: Situation) => string | undefined;
  readonly run: (run: CheckRun) => Promise<Finding>;
}

export function passed(says: string, figures: Figures = {}): Finding {
  return { verdict: 'pass', says, figures };
}

export function observed(says: string, figures: Figures = {}): Finding {
  return { verdict: 'observed', says, figures };
}

export function failed(says: string, figures: Figures = {}): Finding {
  return { verdict: 'fail', says, figures };
}

/** Speech can't be had without recordings. */
export function needsSpeech({ lines }: Situation): string | undefined {
  return lines ? undefined : 'there are no recordings and no local speech to say it with';
}

/** Functions have to be declarable with this behaviour. */
export function needsTools(behavior: 'BLOCKING' | 'NON_BLOCKING'): NonNullable<Check['notHere']> {
  return ({ capabilities, model }) =>
    capabilities.toolBehaviors.includes(behavior) ? undefined : `${model} takes no ${behavior} functions`;
}
