import { describe, expect, it } from 'vitest';
import { createMicBlocks } from './mic-blocks.js';

function sine(hz: number, rate: number, seconds: number): Float32Array {
  return Float32Array.from(
    { length: rate * seconds },
    (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / rate),
  );
}

/** What comes out for a second of a tone that goes in by quanta of 128 samples. */
function throughBlocks(hz: number, inputRate: number): Int16Array[] {
  const blocks: Int16Array[] = [];
  const push = createMicBlocks({ inputRate, outputRate: 16_000, blockSamples: 640 }, (block) =>
    blocks.push(block),
  );
  const tone = sine(hz, inputRate, 1);
  for (let at = 0; at < tone.length; at += 128) push(tone.subarray(at, at + 128));
  return blocks;
}

function rms(blocks: readonly Int16Array[]): number {
  const samples = blocks.slice(1).flatMap((block) => [...block]);
  return Math.sqrt(samples.reduce((sum, value) => sum + (value / 32_767) ** 2, 0) / samples.length);
}

describe('microphone blocks', () => {
  it('are exact where the browser gives 16 kHz already', () => {
    const [first] = throughBlocks(440, 16_000);
    const expected = sine(440, 16_000, 1).subarray(0, 640);
    expect(first).toEqual(Int16Array.from(expected, (value) => Math.round(value * 32_767)));
  });

  it.each([48_000, 44_100, 8_000])('keep a tone of 1 kHz from a device of %i Hz', (rate) => {
    const blocks = throughBlocks(1_000, rate);
    expect(blocks.length).toBeGreaterThanOrEqual(24);
    expect(rms(blocks)).toBeCloseTo(0.5 / Math.SQRT2, 2);
  });

  it('let nothing through that would fold back into speech', () => {
    expect(rms(throughBlocks(11_000, 48_000))).toBeLessThan(0.005);
  });
});
