import type { ShapeResult, Window } from './relay-bench.js';

export interface Summary {
  readonly shape: string;
  readonly bare: Side;
  readonly parley: Side;
  /** CPU of Parley over CPU of the bare relay, median of the rounds' own ratios. */
  readonly cpuRatio: number;
  readonly machineLagP99Ms: number;
}

interface Side {
  readonly gatewayMs: number;
  readonly workerMs: number;
  readonly totalMs: number;
  readonly upP50Ms: number;
  readonly upP99Ms: number;
  readonly downP50Ms: number;
  readonly downP99Ms: number;
}

export function summarize(result: ShapeResult): Summary {
  const totalOf = (window: Window): number => window.gatewayMs + window.workerMs;
  const ratios = result.parley.flatMap((window, round) => {
    const yardstick = result.bare[round];
    return yardstick ? [totalOf(window) / totalOf(yardstick)] : [];
  });
  return {
    shape: result.shape.name,
    bare: sideOf(result.bare),
    parley: sideOf(result.parley),
    cpuRatio: median(ratios),
    machineLagP99Ms: median([...result.bare, ...result.parley].map((window) => window.lagP99Ms)),
  };
}

function sideOf(windows: readonly Window[]): Side {
  const of = (pick: (window: Window) => number): number => median(windows.map(pick));
  return {
    gatewayMs: of((window) => window.gatewayMs),
    workerMs: of((window) => window.workerMs),
    totalMs: of((window) => window.gatewayMs + window.workerMs),
    upP50Ms: of((window) => window.up.p50),
    upP99Ms: of((window) => window.up.p99),
    downP50Ms: of((window) => window.down.p50),
    downP99Ms: of((window) => window.down.p99),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function printSummary(summary: Summary, say: (line: string) => void): void {
  const row = (name: string, side: Side): string =>
    [
      name.padEnd(11),
      ...[side.gatewayMs, side.workerMs, side.totalMs].map((ms) => ms.toFixed(2).padStart(9)),
      ...[side.upP50Ms, side.upP99Ms, side.downP50Ms, side.downP99Ms].map((ms) => ms.toFixed(1).padStart(9)),
    ].join('');
  say('');
  say(`${summary.shape}, 10 x 4,800 B down half of the time`);
  say('           CPU ms per session-second      age of audio on arrival, ms');
  say('             gateway   worker    total   up p50   up p99 down p50 down p99');
  say(row('bare relay', summary.bare));
  say(row('Parley', summary.parley));
  say(
    `ratio of CPU ${summary.cpuRatio.toFixed(2)} (asked: at most 2.00); machine's timer lag p99 ${summary.machineLagP99Ms.toFixed(1)} ms`,
  );
  const added = (pick: (side: Side) => number): string =>
    (pick(summary.parley) - pick(summary.bare)).toFixed(1);
  say(
    `Parley adds to the bare relay: up p50 ${added((s) => s.upP50Ms)} p99 ${added((s) => s.upP99Ms)}, ` +
      `down p50 ${added((s) => s.downP50Ms)} p99 ${added((s) => s.downP99Ms)} ms`,
  );
}
