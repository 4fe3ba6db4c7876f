import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { join } from './testing/index.js';
import { readWav, readWavPcm16 } from './wav-reader.js';
import { writeWav } from './wav-writer.js';

const unsupported: unknown = expect.objectContaining({ code: 'unsupported_audio' });

function chunk(tag: string, body: Uint8Array, claimedBytes = body.length): Uint8Array {
  const head = new Uint8Array(8);
  for (let i = 0; i < 4; i++) head[i] = tag.charCodeAt(i);
  new DataView(head.buffer).setUint32(4, claimedBytes, true);
  return join([head, body, new Uint8Array(body.length % 2)]);
}

function format(fields: {
  tag?: number;
  channels?: number;
  rateHz?: number;
  bits?: number;
  subTag?: number;
}): Uint8Array {
  const { tag = 1, channels = 1, rateHz = 16_000, bits = 16, subTag } = fields;
  const body = new Uint8Array(subTag === undefined ? 16 : 40);
  const view = new DataView(body.buffer);
  view.setUint16(0, tag, true);
  view.setUint16(2, channels, true);
  view.setUint32(4, rateHz, true);
  view.setUint32(8, (rateHz * channels * bits) / 8, true);
  view.setUint16(12, (channels * bits) / 8, true);
  view.setUint16(14, bits, true);
  if (subTag !== undefined) view.setUint16(24, subTag, true);
  return chunk('fmt ', body);
}

function riff(...chunks: readonly Uint8Array[]): Uint8Array {
  const wave = new TextEncoder().encode('WAVE');
  return chunk('RIFF', join([wave, ...chunks]));
}

describe('WAV', () => {
  it('reads back exactly what was written', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(8000, 16_000, 24_000, 48_000),
        (bytes, rateHz) => {
          const pcm16 = bytes.slice(0, bytes.length - (bytes.length % 2));
          expect(readWavPcm16(writeWav(pcm16, rateHz))).toEqual({ rateHz, pcm16: new Uint8Array(pcm16) });
        },
      ),
    );
  });

  it('takes audio in pieces, also such as tear a sample, and leaves out a last half sample', () => {
    const bytes = new Uint8Array([1, 2, 3, 4, 5, 6, 7]);
    const whole = writeWav(bytes.subarray(0, 6), 24_000);
    const pieces = [bytes.subarray(0, 3), new Uint8Array(0), bytes.subarray(3), new Uint8Array(0)];
    expect(writeWav(pieces, 24_000)).toEqual(whole);
    expect(writeWav(bytes, 24_000)).toEqual(whole);
    expect(readWavPcm16(writeWav([], 8000)).pcm16).toHaveLength(0);
  });

  it.each([
    [8, 1, [128, 255, 0], [0, 127 / 128, -1]],
    [16, 1, [0, 0, 0, 64, 0, 128], [0, 0.5, -1]],
    [24, 1, [0, 0, 0, 0, 0, 64, 0, 0, 128], [0, 0.5, -1]],
    [32, 1, [0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 128], [0, 0.5, -1]],
    [32, 3, [0, 0, 0, 0, 0, 0, 0, 63, 0, 0, 128, 191], [0, 0.5, -1]],
  ])('reads %i-bit samples of format %i', (bits, tag, bytes, samples) => {
    const file = riff(format({ bits, tag }), chunk('data', new Uint8Array(bytes)));
    expect(readWav(file)).toEqual({ rateHz: 16_000, samples: new Float32Array(samples) });
  });

  it('averages the channels of a stereo file', () => {
    const file = riff(
      format({ channels: 2, bits: 16 }),
      chunk('data', new Uint8Array([0, 64, 0, 32, 0, 192, 0, 64])),
    );
    expect(readWav(file).samples).toEqual(new Float32Array([0.375, 0]));
  });

  it('skips chunks it does not know, also of odd length', () => {
    const file = riff(
      chunk('LIST', new Uint8Array(5)),
      format({}),
      chunk('fact', new Uint8Array(4)),
      chunk('data', new Uint8Array([0, 64])),
    );
    expect(readWav(file).samples).toEqual(new Float32Array([0.5]));
  });

  it('looks into the sub-format of an extensible header', () => {
    const file = riff(
      format({ tag: 0xfffe, subTag: 3, bits: 32 }),
      chunk('data', new Uint8Array([0, 0, 0, 63])),
    );
    expect(readWav(file).samples).toEqual(new Float32Array([0.5]));
  });

  it('reads to the end of the file when the data chunk claims more, as a streaming writer leaves it', () => {
    const file = riff(format({}), chunk('data', new Uint8Array([0, 64, 0, 128]), 0xffffffff));
    expect(readWav(file).samples).toEqual(new Float32Array([0.5, -1]));
  });

  it.each([
    ['no RIFF file', new Uint8Array(100)],
    ['an empty file', new Uint8Array(0)],
    ['A-law', riff(format({ tag: 6, bits: 8 }), chunk('data', new Uint8Array(8)))],
    ['64-bit float', riff(format({ tag: 3, bits: 64 }), chunk('data', new Uint8Array(8)))],
    ['six channels', riff(format({ channels: 6 }), chunk('data', new Uint8Array(12)))],
    ['a rate of 0', riff(format({ rateHz: 0 }), chunk('data', new Uint8Array(2)))],
    ['audio without a format', riff(chunk('data', new Uint8Array(2)))],
    ['a format without audio', riff(format({}))],
  ])('refuses %s', (_what, file) => {
    expect(() => readWav(file)).toThrow(unsupported);
  });

  it('never fails otherwise, however a file is damaged', () => {
    const whole = riff(format({}), chunk('data', new Uint8Array(64)));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }),
        fc.nat(whole.length),
        (damage, length) => {
          const file = whole.slice(0, length);
          for (const [at, value] of damage) if (at < length) file[at] = value;
          try {
            readWav(file);
          } catch (error) {
            expect(error).toEqual(unsupported);
          }
        },
      ),
    );
  });
});
