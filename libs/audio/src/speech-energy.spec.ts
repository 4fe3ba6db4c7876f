import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pcm16ByteLength } from './pcm16.js';
import { SpeechEnergy, type SpeechEdge, type SpeechEnergyOptions } from './speech-energy.js';
import { cut, join, tone } from './testing/index.js';

const RATE_HZ = 16_000;

/** Plays sections of [duration, level by RMS]; −Infinity is digital silence. */
function sections(
  rateHz: number,
  ...parts: readonly (readonly [durationMs: number, rms: number])[]
): Uint8Array {
  return join(
    parts.map(([durationMs, rms]) =>
      rms === -Infinity
        ? new Uint8Array(pcm16ByteLength(durationMs, rateHz))
        : tone({ rateHz, durationMs, peakDbfs: rms + 3.01 }),
    ),
  );
}

function edgesOf(pcm16: Uint8Array, options: Partial<SpeechEnergyOptions> = {}): SpeechEdge[] {
  const detector = new SpeechEnergy({ rateHz: RATE_HZ, ...options });
  return [...cut(pcm16, [1280])].flatMap((chunk) => detector.push(chunk));
}

describe('SpeechEnergy', () => {
  it.each([8000, 16_000, 24_000, 44_100, 48_000])('finds where speech begins and ends at %i Hz', (rateHz) => {
    const edges = edgesOf(sections(rateHz, [1000, -Infinity], [600, -20], [1000, -Infinity]), { rateHz });
    expect(edges).toEqual([
      { kind: 'start', atMs: 1000 },
      { kind: 'end', atMs: 1600 },
    ]);
  });

  it.each([-50, -46])('takes %i dBFS in a silent room for nothing', (level) => {
    expect(edgesOf(sections(RATE_HZ, [500, -Infinity], [600, level], [1000, -Infinity]))).toEqual([]);
  });

  it.each([-44, -30, -6])('takes %i dBFS in a silent room for speech', (level) => {
    expect(edgesOf(sections(RATE_HZ, [500, -Infinity], [600, level], [1000, -Infinity]))).toHaveLength(2);
  });

  it('asks for more when its sensitivity is low', () => {
    const soft = sections(RATE_HZ, [500, -Infinity], [600, -40], [1000, -Infinity]);
    expect(edgesOf(soft, { sensitivity: 'HIGH' })).toHaveLength(2);
    expect(edgesOf(soft, { sensitivity: 'LOW' })).toEqual([]);
  });

  it.each([
    [-28, []],
    [-20, ['start', 'end']],
  ])('measures %i dBFS against the noise of a loud room', (speech, kinds) => {
    const detector = new SpeechEnergy({ rateHz: RATE_HZ });
    detector.push(sections(RATE_HZ, [4000, -35]));
    const edges = detector.push(sections(RATE_HZ, [600, speech], [1000, -35]));
    expect(edges.map((edge) => edge.kind)).toEqual(kinds);
  });

  it('takes a noise that stays for speech no longer than its memory', () => {
    const edges = edgesOf(sections(RATE_HZ, [1000, -60], [5000, -35]));
    expect(edges.map((edge) => edge.kind)).toEqual(['start', 'end']);
    expect(edges[1]?.atMs).toBeLessThanOrEqual(3000);
  });

  it('hears speech that is under way when the stream begins', () => {
    expect(edgesOf(sections(RATE_HZ, [500, -20], [1000, -Infinity]))[0]).toEqual({ kind: 'start', atMs: 0 });
  });

  it('needs 70 % of the prefix to be voiced', () => {
    const click = sections(RATE_HZ, [400, -Infinity], [60, -20], [1000, -Infinity]);
    const word = sections(RATE_HZ, [400, -Infinity], [80, -20], [1000, -Infinity]);
    expect(edgesOf(click)).toEqual([]);
    expect(edgesOf(word)).toHaveLength(2);
    expect(edgesOf(click, { prefixPaddingMs: 20 })).toHaveLength(2);
    expect(edgesOf(word, { prefixPaddingMs: 300 })).toEqual([]);
  });

  it('ends only after the silence that was asked for', () => {
    const pause = sections(RATE_HZ, [400, -20], [500, -Infinity], [400, -20], [1000, -Infinity]);
    expect(edgesOf(pause)).toHaveLength(2);
    expect(edgesOf(pause, { silenceDurationMs: 400 })).toHaveLength(4);
  });

  it('goes on through a dip of less than the hysteresis', () => {
    const dipping = sections(RATE_HZ, [500, -Infinity], [400, -44], [1000, -47], [1000, -Infinity]);
    expect(edgesOf(dipping)).toEqual([
      { kind: 'start', atMs: 500 },
      { kind: 'end', atMs: 1900 },
    ]);
  });

  it('ends at once when the stream pauses, and hears the next speech anew', () => {
    const detector = new SpeechEnergy({ rateHz: RATE_HZ });
    detector.push(sections(RATE_HZ, [500, -Infinity], [500, -20], [100, -Infinity]));
    expect(detector.speaking).toBe(true);
    expect(detector.flush()).toEqual([{ kind: 'end', atMs: 1000 }]);
    expect(detector.flush()).toEqual([]);
    expect(detector.push(sections(RATE_HZ, [500, -20]))).toEqual([{ kind: 'start', atMs: 1100 }]);
  });

  it('finds the same however the stream is cut', () => {
    const stream = sections(
      RATE_HZ,
      [333, -60],
      [421, -20],
      [900, -Infinity],
      [77, -30],
      [640, -18],
      [1100, -58],
    );
    const expected = edgesOf(stream);
    expect(expected).toHaveLength(4);
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { minLength: 1, maxLength: 40 }), (lengths) => {
        const detector = new SpeechEnergy({ rateHz: RATE_HZ });
        expect([...cut(stream, lengths)].flatMap((chunk) => detector.push(chunk))).toEqual(expected);
      }),
    );
    const byBytes = new SpeechEnergy({ rateHz: RATE_HZ });
    const single: SpeechEdge[] = [];
    for (let at = 0; at < stream.length; at++) single.push(...byBytes.push(stream.subarray(at, at + 1)));
    expect(single).toEqual(expected);
  });

  it('reports edges in turn and in time, whatever it hears', () => {
    const level = fc.constantFrom(-Infinity, -60, -50, -44, -35, -20);
    const part = fc.tuple(fc.integer({ min: 5, max: 900 }), level);
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 12 }),
        fc.constantFrom(0, 40, 100),
        fc.constantFrom(0, 60, 400),
        (parts, prefixPaddingMs, silenceDurationMs) => {
          const edges = edgesOf(sections(8000, ...parts), {
            rateHz: 8000,
            prefixPaddingMs,
            silenceDurationMs,
          });
          edges.forEach((edge, i) => {
            expect(edge.kind).toBe(i % 2 === 0 ? 'start' : 'end');
            expect(edge.atMs).toBeGreaterThanOrEqual(edges[i - 1]?.atMs ?? 0);
          });
        },
      ),
    );
  });

  it('refuses a rate that cannot be', () => {
    expect(() => new SpeechEnergy({ rateHz: 0 })).toThrow(
      expect.objectContaining({ code: 'unsupported_audio' }),
    );
  });
});
