import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createResampler } from './libsamplerate-resampler.js';
import { pcm16ByteLength, pcm16Sample } from './pcm16.js';
import { cut, join, tone } from './testing/index.js';

const RATES = [
  [24_000, 16_000],
  [16_000, 24_000],
  [44_100, 16_000],
  [48_000, 16_000],
  [8000, 16_000],
  [16_000, 48_000],
] as const;

describe('createResampler', () => {
  it.each(RATES)('%i → %i Hz keeps a tone in place and at its level', async (fromHz, toHz) => {
    const resampler = await createResampler(fromHz, toHz);
    const input = tone({ rateHz: fromHz, durationMs: 300, peakDbfs: -6 });
    const output = join([resampler.push(input), resampler.flush()]);
    const ideal = tone({ rateHz: toHz, durationMs: 300, peakDbfs: -6 });
    expect(output.length).toBe(ideal.length);
    let worst = 0;
    const edge = Math.round(toHz * 0.01); // the first and last 10 ms hear the cut of the tone
    for (let i = edge; i < output.length / 2 - edge; i++) {
      worst = Math.max(worst, Math.abs(pcm16Sample(output, i) - pcm16Sample(ideal, i)));
    }
    expect(worst).toBeLessThan(164); // −46 dBFS
  });

  it('makes the same bytes however the stream is cut, one stream after another', async () => {
    const resampler = await createResampler(44_100, 16_000);
    const input = tone({ rateHz: 44_100, durationMs: 230, peakDbfs: -3, frequencyHz: 997 });
    const whole = join([resampler.push(input), resampler.flush()]);
    fc.assert(
      fc.property(fc.array(fc.nat(2500), { minLength: 1, maxLength: 12 }), (lengths) => {
        const parts = [...cut(input, lengths)].map((chunk) => resampler.push(chunk));
        expect(join([...parts, resampler.flush()])).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('gives out as many samples as the ratio of the rates asks for, also for very short streams', async () => {
    const resampler = await createResampler(24_000, 16_000);
    for (const samples of [0, 1, 2, 3, 100, 9000, 30_001]) {
      const output = join([resampler.push(new Uint8Array(samples * 2)), resampler.flush()]);
      expect(output.length / 2).toBe(Math.round((samples * 2) / 3));
    }
  });

  it('holds back at most a few milliseconds', async () => {
    const resampler = await createResampler(24_000, 16_000);
    const ready = resampler.push(tone({ rateHz: 24_000, durationMs: 100, peakDbfs: -6 }));
    expect(ready.length).toBeGreaterThanOrEqual(pcm16ByteLength(98, 16_000));
  });

  it('removes what the lower rate cannot carry', async () => {
    const resampler = await createResampler(48_000, 16_000);
    const hiss = tone({ rateHz: 48_000, durationMs: 200, peakDbfs: -6, frequencyHz: 12_000 });
    const output = join([resampler.push(hiss), resampler.flush()]);
    let loudest = 0;
    for (let i = 200; i < output.length / 2 - 200; i++) {
      loudest = Math.max(loudest, Math.abs(pcm16Sample(output, i)));
    }
    expect(loudest).toBeLessThan(16);
  });

  it('passes audio of the same rate through', async () => {
    const resampler = await createResampler(16_000, 16_000);
    const input = tone({ rateHz: 16_000, durationMs: 20, peakDbfs: -6 });
    expect(join([resampler.push(input), resampler.flush()])).toEqual(input);
  });

  it.each([0, -16_000, 3999, 200_000, 16_000.5, Number.NaN])('refuses a rate of %d Hz', async (rateHz) => {
    await expect(createResampler(rateHz, 16_000)).rejects.toMatchObject({ code: 'unsupported_audio' });
  });
});
