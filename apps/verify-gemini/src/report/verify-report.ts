import type { Verdict } from '../check.js';
import type { CheckResult } from '../run/run-checks.js';

/** What a run found, as `--json` writes it. Nothing in it is secret. */
export interface VerifyReport {
  readonly version: 1;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly tookMs: number;
  readonly service: 'gemini' | 'vertex' | 'emulator';
  /** Host only. */
  readonly host: string;
  readonly model: string;
  readonly node: string;
  /** Whether the run was stopped before its end. */
  readonly stopped: boolean;
  readonly spent: {
    readonly sessions: number;
    readonly spokenMs: number;
    /** As the service reported them, over all turns. */
    readonly tokens: number;
  };
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly checks: readonly CheckResult[];
}

export function countVerdicts(results: readonly CheckResult[]): VerifyReport['counts'] {
  const count = (verdict: Verdict): number => results.filter((result) => result.verdict === verdict).length;
  return {
    pass: count('pass'),
    fail: count('fail'),
    observed: count('observed'),
    'not applicable': count('not applicable'),
  };
}

export function summaryOf({ counts }: Pick<VerifyReport, 'counts'>): string {
  return `${counts.pass} passed, ${counts.fail} failed, ${counts.observed} observed, ${counts['not applicable']} not applicable`;
}
