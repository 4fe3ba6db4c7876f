import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32ToPcm16, pcm16ByteLength, pcm16DurationMs, pcm16ToFloat32 } from './pcm16.js';

describe('PCM16', () => {
  it('counts 32 bytes a millisecond at 16 kHz', () => {
    expect(pcm16DurationMs(3200, 16_000)).toBe(100);
    expect(pcm16ByteLength(100, 16_000)).toBe(3200);
  });

  it('rounds a duration to whole samples', () => {
    expect(pcm16ByteLength(1, 11_025)).toBe(22);
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 60_000, noNaN: true }),
        fc.integer({ min: 4000, max: 192_000 }),
        (ms, rateHz) => {
          const bytes = pcm16ByteLength(ms, rateHz);
          expect(bytes % 2).toBe(0);
          expect(Math.abs(pcm16DurationMs(bytes, rateHz) - ms)).toBeLessThanOrEqual(500 / rateHz + 1e-6);
        },
      ),
    );
  });

  it('survives the way to float and back, whatever the offset of the view', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 0, max: 3 }), (bytes, offset) => {
        const shifted = new Uint8Array(bytes.length + offset);
        shifted.set(bytes, offset);
        const whole = bytes.subarray(0, bytes.length - (bytes.length % 2));
        expect(float32ToPcm16(pcm16ToFloat32(shifted.subarray(offset)))).toEqual(new Uint8Array(whole));
      }),
    );
  });

  it('clips what is too loud and takes NaN for silence', () => {
    const pcm16 = float32ToPcm16(new Float32Array([1, 1.5, -1, -7, Number.NaN]));
    expect(pcm16ToFloat32(pcm16)).toEqual(new Float32Array([32767 / 32768, 32767 / 32768, -1, -1, 0]));
  });
});
