import { describe, expect, it } from 'vitest';
import { LoadState, type LoadReading } from './load-state.js';

const calm: LoadReading = { load: 0.3, loopP99Ms: 5 };
const busy: LoadReading = { load: 0.85, loopP99Ms: 5 };
const late: LoadReading = { load: 0.3, loopP99Ms: 101 };

/** What a worker says that reads each of these once a second. */
function play(...readings: readonly LoadReading[]): readonly string[] {
  const state = new LoadState();
  return readings.map((reading, second) => state.update(reading, second * 1_000));
}

const seconds = (count: number, reading: LoadReading) => Array<LoadReading>(count).fill(reading);

describe('LoadState', () => {
  it.each([
    ['much load', busy],
    ['a late event loop', late],
  ])('is full after ten seconds of %s', (_, strained) => {
    expect(play(...seconds(10, strained))).not.toContain('full');
    expect(play(...seconds(11, strained)).at(-1)).toBe('full');
  });

  it('counts ten seconds whatever strains it, and anew after a break', () => {
    expect(play(...seconds(5, busy), ...seconds(6, late)).at(-1)).toBe('full');
    expect(play(...seconds(9, busy), calm, ...seconds(10, busy))).not.toContain('full');
  });

  it('stays full until the load is well below', () => {
    const full = seconds(11, busy);
    expect(play(...full, { load: 0.7, loopP99Ms: 5 }).at(-1)).toBe('full');
    expect(play(...full, { load: 0.69, loopP99Ms: 101 }).at(-1)).toBe('full');
    expect(play(...full, { load: 0.69, loopP99Ms: 100 }).at(-1)).toBe('ready');
  });
});
