import { mkdirSync, writeFileSync } from 'node:fs';
import type { Violation } from './chronicle.js';
import { figuresOf, type Figures, type Spread } from './figures.js';
import type { HistoryEntry } from './history.js';
import type { Lag } from './machine-lag.js';

/** What a run was, what was done to it, what was measured, and what was wrong. */
export interface Report {
  readonly name: string;
  readonly seed: number;
  readonly seconds: number;
  readonly sessions: number;
  readonly injected: readonly {
    readonly kind: string;
    readonly target: string;
    readonly atMs: number;
    readonly forMs: number;
  }[];
  readonly figures: Figures;
  /** What a scenario measured beside that, and the bounds that it set itself. */
  readonly measured: readonly Measurement[];
  readonly machineLagMs: Lag;
  readonly violations: readonly Violation[];
}

export interface Measurement {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** Undefined where there is none. */
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** What no history here can show yet. */
export const UNCHECKED = [
  'I8 against what the provider says that it used: there is no ledger yet; stored records are checked for doubles',
  'I12: logs are not read here',
];

export function reportOf(
  run: Pick<Report, 'name' | 'seed' | 'sessions' | 'machineLagMs' | 'violations'> & {
    readonly entries: readonly HistoryEntry[];
    readonly measured?: readonly Measurement[];
  },
): Report {
  const { entries, measured = [], ...rest } = run;
  const faults = entries.filter((entry) => entry.op === 'fault');
  return {
    ...rest,
    seconds: Math.round((entries.at(-1)?.tMs ?? 0) / 1_000),
    injected: faults
      .filter(({ phase }) => phase === 'begin')
      .map(({ id, kind, target, tMs }) => {
        const endMs = faults.find((each) => each.id === id && each.phase === 'end')?.tMs ?? tMs;
        return { kind, target, atMs: Math.round(tMs), forMs: Math.round(endMs - tMs) };
      }),
    figures: figuresOf(entries),
    measured,
  };
}

export function missed(report: Report): readonly Measurement[] {
  return report.measured.filter(
    ({ value, atMost, atLeast }) =>
      (atMost !== undefined && !(value <= atMost)) || (atLeast !== undefined && !(value >= atLeast)),
  );
}

export function writeReport(report: Report, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const path = `${folder}/${report.name === 'chaos' ? '' : `${report.name}-`}${report.seed}.json`;
  writeFileSync(path, `${JSON.stringify({ ...report, unchecked: UNCHECKED }, undefined, 2)}\n`);
  return path;
}

const SHOWN_VIOLATIONS = 12;

/** The report as one reads it in a terminal. */
export function summaryOf(report: Report): string {
  const { figures, machineLagMs: lag } = report;
  const lines = [
    `${report.name}, seed ${report.seed}: ${report.sessions} callers, ${report.injected.length} faults in ${report.seconds} s`,
    ...report.injected.map(
      ({ kind, target, atMs, forMs }) =>
        `  ${(atMs / 1_000).toFixed(1).padStart(6)} s  ${kind} ${target}${forMs >= 100 ? ` for ${(forMs / 1_000).toFixed(1)} s` : ''}`,
    ),
    `  calls ${figures.calls.made}, lost ${figures.calls.lost}; texts ${figures.texts.sent}, lost ${figures.texts.lost}, doubled ${figures.texts.doubled}; holes told ${figures.holes}`,
    `  resumed: ${list(figures.resumed) || 'none'}`,
    ...Object.entries(figures.gaps).map(([kind, gap]) => `  gap after ${kind}: ${shown(gap)}`),
    `  answers: ${shown(figures.answers)}; longest silence in the middle of a turn, by caller: ${shown(figures.silences)}`,
    `  this process's timers were late by p50 ${lag.p50} ms, p99 ${lag.p99} ms, at most ${lag.max} ms`,
    ...report.measured.map(
      ({ what, value, unit, atMost, atLeast }) =>
        `  ${what}: ${value} ${unit}${atMost === undefined ? '' : ` (at most ${atMost})`}${atLeast === undefined ? '' : ` (at least ${atLeast})`}`,
    ),
    ...report.violations
      .slice(0, SHOWN_VIOLATIONS)
      .map(
        ({ promise, who, what, evidence }) =>
          `  ✗ ${promise} ${who}: ${what} (${evidence.map(({ tMs }) => `${(tMs / 1_000).toFixed(2)} s`).join(', ')})`,
      ),
    ...(report.violations.length > SHOWN_VIOLATIONS
      ? [`  … and ${report.violations.length - SHOWN_VIOLATIONS} more`]
      : []),
    ...missed(report).map(({ what }) => `  ✗ ${what} is out of its bounds`),
    report.violations.length + missed(report).length === 0
      ? '  every promise was kept'
      : `  ${report.violations.length} violations, ${missed(report).length} bounds missed; seed ${report.seed}`,
  ];
  return lines.join('\n');
}

function shown({ count, p50, p95, max }: Spread): string {
  return `p50 ${p50} ms, p95 ${p95} ms, max ${max} ms (${count})`;
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name}: ${count}`)
    .join('; ');
}
