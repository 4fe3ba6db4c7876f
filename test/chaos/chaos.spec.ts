import { describe, expect, it } from 'vitest';
import { summaryOf } from './report.js';
import { runSeed } from './seed-run.js';

const SEED = 20_261_123;

describe('chaos, a short run', () => {
  it('breaks a cluster for ten seconds and finds every promise kept', { timeout: 110_000 }, async () => {
    const report = await runSeed({
      seed: SEED,
      forMs: 10_000,
      sessions: 4,
      only: ['worker-kill', 'worker-drain', 'worker-stall', 'gateway-kill', 'redis-flush', 'client-cut'],
      folder: 'test-results/chaos',
      keepLogs: false,
    });
    expect(report.violations, summaryOf(report)).toEqual([]);
  });
});
