import { ManualClock } from '@parley-testing/kernel';
import { decodeFrame, encodeFrame, FRAME_CODEC, FRAME_KIND } from '@parley/wire';
import { describe, expect, it } from 'vitest';
import { OutboundBuffer } from './outbound-buffer.js';
import { MemoryTransport } from './testing/index.js';

const LIMITS = { highWaterBytes: 1_000, maxQueuedAudioMs: 200, maxHeldAudioMs: 400, maxQueuedMessages: 3 };

function frame(seq: number, kind: 'mic' | 'video' = 'mic'): Uint8Array {
  const codec = kind === 'mic' ? FRAME_CODEC.pcm16at16k : FRAME_CODEC.jpeg;
  const payload = new Uint8Array(kind === 'mic' ? 40 * 32 : 9_000);
  return encodeFrame({ kind: FRAME_KIND[kind], codec, flags: 0, turn: 0, seq, tsMs: 0, payload });
}

function makeBuffer() {
  const line = new MemoryTransport();
  const clock = new ManualClock();
  const buffer = new OutboundBuffer(clock, LIMITS);
  buffer.attach(line);
  const seqs = (): number[] =>
    line.frames.map((bytes) => {
      const decoded = decodeFrame(bytes);
      return typeof decoded === 'string' ? -1 : decoded.seq;
    });
  return { line, clock, buffer, seqs };
}

describe('OutboundBuffer', () => {
  it('passes everything on at once while the line is free', () => {
    const { buffer, seqs } = makeBuffer();
    for (let seq = 0; seq < 50; seq++) buffer.sendAudio(frame(seq));
    expect(seqs()).toHaveLength(50);
  });

  it('drops the oldest speech of a slow line for the newest, and counts it', async () => {
    const { buffer, line, clock, seqs } = makeBuffer();
    line.bufferedBytes = 5_000;
    for (let seq = 0; seq < 10; seq++) buffer.sendAudio(frame(seq));
    expect(seqs()).toEqual([]);
    line.bufferedBytes = 0;
    await clock.advance(20);
    expect(seqs()).toEqual([5, 6, 7, 8, 9]);
    expect(buffer.droppedAudioMs).toBe(200);
  });

  it('keeps only the newest picture waiting', async () => {
    const { buffer, line, clock, seqs } = makeBuffer();
    line.bufferedBytes = 5_000;
    for (let seq = 0; seq < 3; seq++) buffer.sendImage(frame(seq, 'video'));
    line.bufferedBytes = 0;
    await clock.advance(20);
    expect(seqs()).toEqual([2]);
    expect(buffer.droppedImages).toBe(2);
  });

  it('keeps messages behind the speech they follow, and never drops one', async () => {
    const { buffer, line, clock } = makeBuffer();
    line.bufferedBytes = 5_000;
    buffer.sendAudio(frame(0));
    expect(buffer.sendMessage({ type: 'activityEnd' })).toBe(true);
    for (let seq = 1; seq < 10; seq++) buffer.sendAudio(frame(seq));
    line.bufferedBytes = 0;
    await clock.advance(20);
    expect(line.messages).toEqual([{ type: 'activityEnd' }]);
    expect(line.sent[0]).toEqual({ type: 'activityEnd' });
  });

  it('refuses messages when too many wait', () => {
    const { buffer, line } = makeBuffer();
    line.bufferedBytes = 5_000;
    const taken = [1, 2, 3, 4].map(() => buffer.sendMessage({ type: 'interrupt' }));
    expect(taken).toEqual([true, true, true, false]);
  });

  it('sends nothing after it was closed', async () => {
    const { buffer, line, clock } = makeBuffer();
    line.bufferedBytes = 5_000;
    buffer.sendAudio(frame(0));
    buffer.close();
    line.bufferedBytes = 0;
    await clock.advance(1_000);
    buffer.sendAudio(frame(1));
    expect(buffer.sendMessage({ type: 'end' })).toBe(false);
    expect(line.sent).toEqual([]);
  });
});
