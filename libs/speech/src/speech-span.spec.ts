import { pcm16ByteLength } from '@parley/audio';
import { join, tone } from '@parley-testing/audio';
import { describe, expect, it } from 'vitest';
import { speechSpan } from './speech-span.js';

const RATE_HZ = 16_000;
const silence = (durationMs: number): Uint8Array => new Uint8Array(pcm16ByteLength(durationMs, RATE_HZ));
const sound = (durationMs: number, peakDbfs: number): Uint8Array =>
  tone({ rateHz: RATE_HZ, durationMs, peakDbfs });
const durationMs = (pcm16k: Uint8Array): number => pcm16k.length / 32;

describe('speechSpan', () => {
  it('cuts silence off and leaves 100 ms on either side', () => {
    const clip = join([silence(400), sound(200, -10), silence(300), sound(200, -20), silence(1000)]);
    expect(durationMs(speechSpan(clip))).toBe(900);
  });

  it('leaves a clip without silence as it is', () => {
    const clip = sound(333, -10);
    expect(speechSpan(clip)).toEqual(clip);
  });

  it('takes sound 30 dB below the loudest for background', () => {
    const clip = join([sound(500, -45), sound(200, -10), sound(500, -45)]);
    expect(durationMs(speechSpan(clip))).toBe(400);
  });

  it('finds nothing in silence, in a whisper of noise, and in no audio', () => {
    expect(speechSpan(silence(500))).toHaveLength(0);
    expect(speechSpan(sound(500, -60))).toHaveLength(0);
    expect(speechSpan(silence(0))).toHaveLength(0);
  });
});
