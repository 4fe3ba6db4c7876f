import { sleep, toParleyError, type Clock } from '@parley/kernel';
import { failed, type Check, type Figures, type Finding } from '../check.js';
import type { Situation } from './situation.js';
import { CheckFailure } from '../check-failure.js';
import { CheckRun } from './check-run.js';
import type { Redactor } from './redactor.js';
import { SessionGate } from './session-gate.js';
import type { Spending } from './spending.js';

/** A check and what came of it; nothing in it is secret. */
export interface CheckResult extends Finding {
  readonly name: string;
  readonly question: string;
  readonly openPoint: string | undefined;
  readonly tookMs: number;
}

export interface RunOptions {
  readonly checks: readonly Check[];
  readonly situation: Situation;
  readonly clock: Clock;
  readonly spending: Spending;
  readonly redactor: Redactor;
  /** How many are asked at the same time. */
  readonly parallel: number;
  /** After a check that has opened sessions. */
  readonly pauseMs: number;
  /** No check gets more than this; undefined leaves each its own. */
  readonly deadlineMs: number | undefined;
  readonly signal: AbortSignal;
  readonly onResult: (result: CheckResult) => void;
}

const LAST_WORD_MS = 500;

/**
 * Asks all of `checks` and answers their results in the same order.
 *
 * 1. Never rejects, and is over when every check's deadline is, give or take half a second: what a check throws is its finding.
 * 2. When a check is over its signal is aborted, which closes whatever it has opened.
 * 3. After `signal` nothing more is asked; the results of what was asked before are answered.
 */
export async function runChecks(options: RunOptions): Promise<readonly CheckResult[]> {
  const { checks, clock, onResult, parallel, pauseMs, signal, spending } = options;
  const results = new Map<Check, CheckResult>();
  const gate = new SessionGate();
  const waiting = [...checks];
  const askOn = async (): Promise<void> => {
    for (let check = waiting.shift(); check && !signal.aborted; check = waiting.shift()) {
      const sessionsBefore = spending.sessions;
      const result = await askOne(check, gate, options);
      results.set(check, result);
      onResult(result);
      if (waiting.length > 0 && spending.sessions > sessionsBefore) await sleep(clock, pauseMs, signal);
    }
  };
  await Promise.all(Array.from({ length: parallel }, askOn));
  return checks.flatMap((check) => results.get(check) ?? []);
}

async function askOne(check: Check, gate: SessionGate, options: RunOptions): Promise<CheckResult> {
  const { clock, redactor, situation } = options;
  const startedMs = clock.monotonicMs();
  const why = check.notHere?.(situation);
  const finding: Finding =
    why === undefined
      ? await bounded(check, gate, options)
      : { verdict: 'not applicable', says: why, figures: {} };
  return {
    name: check.name,
    question: check.question,
    openPoint: check.openPoint,
    verdict: finding.verdict,
    says: redactor.clean(finding.says),
    figures: cleanFigures(finding.figures, redactor),
    tookMs: Math.round(clock.monotonicMs() - startedMs),
  };
}

async function bounded(check: Check, gate: SessionGate, options: RunOptions): Promise<Finding> {
  const { clock, signal } = options;
  const deadlineMs = Math.min(check.deadlineMs, options.deadlineMs ?? Number.POSITIVE_INFINITY);
  const stop = new AbortController();
  const forward = (): void => stop.abort();
  signal.addEventListener('abort', forward, { once: true });
  const finding = findingOf(check, new CheckRun({ ...options, gate, signal: stop.signal }));
  try {
    const inTime = await within(clock, deadlineMs, finding);
    if (inTime) return inTime;
    stop.abort();
    // What is closed under its feet says what it was waiting for; anything else that it says now means nothing.
    const last = await within(clock, LAST_WORD_MS, finding);
    const waited = last?.verdict === 'fail' ? `: ${last.says}` : '';
    return failed(`no answer within ${deadlineMs / 1_000} s${waited}`);
  } finally {
    signal.removeEventListener('abort', forward);
    stop.abort();
  }
}

function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve(undefined));
    void work.then((value) => {
      cancel();
      resolve(value);
    });
  });
}

async function findingOf(check: Check, run: CheckRun): Promise<Finding> {
  try {
    return await check.run(run);
  } catch (thrown) {
    if (thrown instanceof CheckFailure) return failed(thrown.message);
    const { message, cause } = toParleyError(thrown);
    const because = cause instanceof Error ? ` (${cause.name}: ${cause.message})` : '';
    return failed(`the check itself failed: ${message}${because}`);
  }
}

function cleanFigures(figures: Figures, redactor: Redactor): Figures {
  const clean = Object.entries(figures).map(
    ([name, value]) => [name, typeof value === 'string' ? redactor.clean(value) : value] as const,
  );
  return Object.fromEntries(clean);
}
