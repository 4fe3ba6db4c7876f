import { FRAME_CODEC, FRAME_KIND, type MediaFrame } from '@parley/wire';
import { describe, expect, it } from 'vitest';
import { SettledFrames } from './settled-frames.js';

const frame = (ms: number): MediaFrame => ({
  kind: FRAME_KIND.mic,
  codec: FRAME_CODEC.pcm16at16k,
  flags: 0,
  turn: 0,
  seq: 0,
  tsMs: 0,
  payload: new Uint8Array(ms * 32),
});
const image: MediaFrame = { ...frame(10), kind: FRAME_KIND.video, codec: FRAME_CODEC.jpeg };

describe('SettledFrames', () => {
  it('counts all frames but those in which unsettled audio lies', () => {
    const frames = new SettledFrames();
    for (let n = 0; n < 10; n++) frames.received(frame(20));
    expect([0, 1, 20, 21, 1_000, Infinity].map((ms) => frames.count(ms))).toEqual([10, 9, 9, 8, 0, 0]);
  });

  it('counts what is no audio, or is not readable, as it lies among the audio', () => {
    const frames = new SettledFrames();
    for (const each of [frame(20), image, frame(20), undefined]) frames.received(each);
    expect([0, 20, 40].map((ms) => frames.count(ms))).toEqual([4, 2, 0]);
  });
});
