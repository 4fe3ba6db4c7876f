import { describe, expect, it } from 'vitest';
import { ManualClock } from '@parley-testing/kernel';
import { executeToolJob } from './tool-execution.js';
import { aToolJob } from './testing/index.js';

describe('executeToolJob', () => {
  it('answers for a tool that ignores its signal when its time is up', async () => {
    const clock = new ManualClock();
    const { signal } = new AbortController();
    let told: AbortSignal | undefined;
    const outcome = executeToolJob(
      (_job, context) => {
        told = context.signal;
        return new Promise(() => undefined);
      },
      aToolJob('call1', { timeoutMs: 5_000 }),
      { signal, attempt: 1 },
      clock,
    );
    await clock.advance(4_999);
    expect(told?.aborted).toBe(false);
    await clock.advance(1);
    expect(told?.aborted).toBe(true);
    expect(await outcome).toEqual({ ok: false, error: 'No result within 5000 ms.' });
  });

  it('does not run a tool whose call is cancelled already', async () => {
    let runs = 0;
    const signal = AbortSignal.abort(new Error('cancelled'));
    const outcome = await executeToolJob(
      async () => (runs += 1),
      aToolJob('call1'),
      { signal, attempt: 1 },
      new ManualClock(),
    );
    expect(outcome).toEqual({ ok: false, error: 'cancelled' });
    expect(runs).toBe(0);
  });
});
