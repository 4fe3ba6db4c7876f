import { describe, expect, it } from 'vitest';
import { systemClock } from '@parley/kernel';
import { InProcessToolJobs } from './in-process-tool-jobs.js';
import { aToolJob, describeToolJobs } from './testing/index.js';

describeToolJobs('InProcessToolJobs', (run) => {
  const jobs = new InProcessToolJobs({ run, clock: systemClock });
  return Promise.resolve({ jobs, close: () => jobs.close() });
});

describe('InProcessToolJobs', () => {
  it('forgets the oldest of more than a thousand outcomes', async () => {
    const runs: string[] = [];
    const run = async ({ callId }: { readonly callId: string }) => runs.push(callId);
    const jobs = new InProcessToolJobs({ run, clock: systemClock });
    const { signal } = new AbortController();
    for (let i = 0; i <= 1_000; i += 1) await jobs.run(aToolJob(`call${i}`), signal);
    await jobs.run(aToolJob('call1000'), signal);
    expect(runs).toHaveLength(1_001);
    await jobs.run(aToolJob('call0'), signal);
    expect(runs).toHaveLength(1_002);
    await jobs.close();
  });
});
