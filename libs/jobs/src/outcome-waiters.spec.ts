import { describe, expect, it } from 'vitest';
import { OutcomeWaiters } from './outcome-waiters.js';

describe('OutcomeWaiters', () => {
  it('settles every waiter of a job once and counts those that are left', async () => {
    const waiters = new OutcomeWaiters();
    const first = waiters.wait('a');
    const second = waiters.wait('a');
    const other = waiters.wait('b');
    expect(waiters.size).toBe(3);
    expect(waiters.settle('a', { ok: true, result: 1 })).toBe(2);
    expect(waiters.settle('a', { ok: true, result: 2 })).toBe(0);
    expect(await Promise.all([first.outcome, second.outcome])).toEqual([
      { ok: true, result: 1 },
      { ok: true, result: 1 },
    ]);
    first.leave();
    expect(waiters.size).toBe(1);
    other.leave();
    other.leave();
    expect(waiters.size).toBe(0);
    expect(waiters.jobIds()).toEqual([]);
  });

  it('does not touch who waits anew for a job that was settled before', () => {
    const waiters = new OutcomeWaiters();
    const early = waiters.wait('a');
    waiters.settle('a', { ok: true, result: 1 });
    waiters.wait('a');
    early.leave();
    expect(waiters.jobIds()).toEqual(['a']);
  });
});
