import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { realtimeFormat, realtimeFrame } from './realtime-frames.js';

function frameOf(media: Uint8Array, mimeType: string): string {
  const format = realtimeFormat(mimeType);
  if (!format) throw new Error(`no format for ${mimeType}`);
  return realtimeFrame(media, format);
}

describe('realtimeFrame', () => {
  it('is what JSON.stringify would give, for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4_000 }), (media) => {
        const data = Buffer.from(media).toString('base64');
        const mimeType = 'audio/pcm;rate=16000';
        expect(frameOf(media, mimeType)).toBe(
          JSON.stringify({ realtimeInput: { audio: { data, mimeType } } }),
        );
      }),
    );
  });

  it('takes a window into a larger buffer for what it is', () => {
    const window = Uint8Array.of(9, 9, 1, 2, 3, 9).subarray(2, 5);
    expect(frameOf(window, 'audio/pcm')).toBe(frameOf(Uint8Array.of(1, 2, 3), 'audio/pcm'));
  });

  it('carries 100 ms of speech in 4,341 bytes', () => {
    expect(frameOf(new Uint8Array(3_200), 'audio/pcm;rate=16000')).toHaveLength(4_341);
  });

  it('sends images as video', () => {
    expect(JSON.parse(frameOf(Uint8Array.of(1), 'image/jpeg'))).toEqual({
      realtimeInput: { video: { data: 'AQ==', mimeType: 'image/jpeg' } },
    });
  });
});

describe('realtimeFormat', () => {
  it.each([
    ['audio/pcm;rate=16000', 32],
    ['audio/pcm; rate=48000', 96],
    ['audio/pcm', 32],
    ['audio/pcm;rate=0', 32],
    ['image/png', undefined],
  ])('%s has %s bytes a millisecond', (mimeType, bytesPerMs) => {
    expect(realtimeFormat(mimeType)?.audioBytesPerMs).toBe(bytesPerMs);
  });

  it.each(['text/plain', 'audio/', 'audio/pcm;rate="16000"', 'audio/pcm","x":"', 'audio/pcm\n', ''])(
    'refuses %j',
    (mimeType) => {
      expect(realtimeFormat(mimeType)).toBeUndefined();
    },
  );
});
