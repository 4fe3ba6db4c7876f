import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkClientFrame,
  decodeFrame,
  encodeFrame,
  FRAME_CODEC,
  FRAME_KIND,
  type FrameCodec,
  type FrameKind,
  type MediaFrame,
} from './audio-frame.js';

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const anyFrame: fc.Arbitrary<MediaFrame> = fc.record({
  kind: fc.constantFrom<FrameKind>(...Object.values(FRAME_KIND)),
  codec: fc.constantFrom<FrameCodec>(...Object.values(FRAME_CODEC)),
  flags: fc.integer({ min: 0, max: 255 }),
  turn: u32,
  seq: u32,
  tsMs: u32,
  payload: fc.uint8Array({ maxLength: 64 }),
});

const mic = (bytes: number, codec: FrameCodec = FRAME_CODEC.pcm16at16k): MediaFrame => ({
  kind: FRAME_KIND.mic,
  codec,
  flags: 0,
  turn: 0,
  seq: 0,
  tsMs: 0,
  payload: new Uint8Array(bytes),
});

describe('media frames', () => {
  it('come back as they went out', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
      }),
    );
  });

  it('of any bytes at all are decoded or refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const decoded = decodeFrame(bytes);
        if (typeof decoded === 'string') expect(decoded).toMatch(/^(malformed|unsupported)_/);
        else expect(decoded.payload.byteLength).toBe(bytes.byteLength - 16);
      }),
    );
  });

  it('of a client are checked: rate, whole samples, 200 ms at most', () => {
    expect(checkClientFrame(mic(3_200))).toBeUndefined();
    expect(checkClientFrame(mic(3_201))).toBe('malformed_frame');
    expect(checkClientFrame(mic(0))).toBe('malformed_frame');
    expect(checkClientFrame(mic(6_402))).toBe('frame_too_large');
    expect(checkClientFrame(mic(3_200, FRAME_CODEC.pcm16at24k))).toBe('unsupported_audio');
    expect(checkClientFrame({ ...mic(100, FRAME_CODEC.jpeg), kind: FRAME_KIND.video })).toBeUndefined();
    expect(checkClientFrame({ ...mic(100), kind: FRAME_KIND.model })).toBe('malformed_frame');
  });

  it('say by name what is wrong with them', () => {
    expect(decodeFrame(new Uint8Array(15))).toBe('malformed_frame');
    expect(decodeFrame(new Uint8Array(16))).toBe('unsupported_version');
    const unknownCodec = encodeFrame(mic(2));
    unknownCodec[2] = 99;
    expect(decodeFrame(unknownCodec)).toBe('unsupported_audio');
  });
});
