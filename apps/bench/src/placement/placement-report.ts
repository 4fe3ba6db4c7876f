import type { PlacementBenchResult, PlacementSide } from './placement-bench.js';

export function printPlacementReport(result: PlacementBenchResult, say: (line: string) => void): void {
  const ms = (value: number): string => `${value.toFixed(1)} ms`.padStart(10);
  const row = (name: string, { open, burstsMs }: PlacementSide): string => {
    const sorted = [...burstsMs].sort((a, b) => a - b);
    const [median, worst] = [sorted[Math.floor(sorted.length / 2)] ?? 0, sorted.at(-1) ?? 0];
    return `${name.padEnd(12)}${[open.p50, open.p99, median, worst].map(ms).join('')}`;
  };
  const { engine, perSecond, workers, burstSize, bare, parley, lagP99Ms } = result;
  say(`${perSecond} placements/s in open loop on ${workers} workers, bursts of ${burstSize}; ${engine}`);
  say(`              open p50  open p99 burst p50 burst max`);
  say(row('bare script', bare));
  say(row('Parley', parley));
  say(`asked: p99 at most 50 ms, a burst within 1,500 ms; machine's timer lag p99 ${lagP99Ms.toFixed(1)} ms`);
}
