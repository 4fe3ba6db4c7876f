import type { LiveBenchResult } from './live-bench.js';

export function printLiveReport(result: LiveBenchResult, say: (line: string) => void): void {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const {
    interruptionP50Ms: p50,
    interruptionP95Ms: p95,
    interruptionWithToolP50Ms: toolP50,
    interruptionWithToolP95Ms: toolP95,
  } = result;
  say(`machine's timer lag p99          ${ms(result.timerLagP99Ms)}`);
  say(`interruption, nothing running    p50 ${ms(p50)}, p95 ${ms(p95)}`);
  say(`interruption, a 30 s tool runs   p50 ${ms(toolP50)}, p95 ${ms(toolP95)}`);
  say(`  difference of the p95          ${ms(toolP95 - p95)} (asked: within 5 ms)`);
  say(`two tools of 400 ms, one answer  p95 ${ms(result.twoToolsP95Ms)} (asked: under 600 ms)`);
  say(`hand-over, connecting in 100 ms  p95 ${ms(result.handOverP95Ms)} (asked: under 700 ms)`);
  say(`abort to the end of the run      p95 ${ms(result.abortP95Ms)} (asked: under 100 ms)`);
}
