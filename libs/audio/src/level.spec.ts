import { describe, expect, it } from 'vitest';
import { isVoiced, rmsDbfs, SILENCE_DBFS } from './level.js';
import { tone } from './testing/index.js';

describe('rmsDbfs', () => {
  it('gives a full-scale sine −3 dBFS', () => {
    expect(rmsDbfs(tone({ rateHz: 16_000, durationMs: 100, peakDbfs: 0 }))).toBeCloseTo(-3.01, 1);
  });

  it('gives silence and no audio at all the lowest level', () => {
    expect(rmsDbfs(new Uint8Array(640))).toBe(SILENCE_DBFS);
    expect(rmsDbfs(new Uint8Array(0))).toBe(SILENCE_DBFS);
  });
});

describe('isVoiced', () => {
  it('agrees with the level on both sides of the threshold', () => {
    const chunk = tone({ rateHz: 24_000, durationMs: 40, peakDbfs: -30 });
    expect(isVoiced(chunk, rmsDbfs(chunk) - 0.1)).toBe(true);
    expect(isVoiced(chunk, rmsDbfs(chunk) + 0.1)).toBe(false);
  });

  it('finds nothing in silence', () => {
    expect(isVoiced(new Uint8Array(640), -90)).toBe(false);
  });
});
