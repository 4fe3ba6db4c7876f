import { describe, expect, it } from 'vitest';
import { JobWaits } from './job-waits.js';

describe('JobWaits', () => {
  it('measures a wait by the clock of Redis alone', () => {
    const waits = new JobWaits();
    waits.added('a', '1700000000000-0');
    expect(waits.takenUp('a', '1700000004500-3')).toBe(4_500);
  });

  it('says nothing of a job whose beginning it has not seen, or has forgotten', () => {
    const waits = new JobWaits();
    expect(waits.takenUp('a', '1700000004500-3')).toBeUndefined();
    for (let n = 0; n <= 1_000; n += 1) waits.added(`job${n}`, '1700000000000-0');
    expect(waits.takenUp('job0', '1700000004500-3')).toBeUndefined();
    expect(waits.takenUp('job1', '1700000004500-3')).toBe(4_500);
  });
});
