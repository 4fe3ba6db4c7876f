import { describe, expect, it } from 'vitest';
import type { ModelFrame } from './model-frame.js';
import { MAX_AUDIO_MS, MAX_MESSAGES, MAX_MESSAGE_BYTES, ReplayRing, type Had } from './replay-ring.js';

const message = (bytes = 100): Uint8Array => new Uint8Array(bytes);
const frame = (turn: number, index: number, durationMs = 100): ModelFrame => ({
  turn,
  durationMs,
  endMs: (index + 1) * durationMs,
  bytes: new Uint8Array(durationMs * 48),
});

function namesSince(ring: ReplayRing, had: Had): string[] {
  return ring
    .since(had)
    .sent.map((sent) =>
      sent.kind === 'message' ? `#${sent.seq}` : `${sent.frame.turn}@${sent.frame.endMs}`,
    );
}

describe('ReplayRing', () => {
  it('gives what was not had, messages and audio, in the order in which it was sent', () => {
    const ring = new ReplayRing(0);
    ring.message(1, message());
    ring.audio(frame(1, 0));
    ring.message(2, message());
    ring.audio(frame(1, 1));
    ring.message(3, message());
    expect(namesSince(ring, { seq: 1, played: { turn: 1, ms: 100 } })).toEqual(['#2', '1@200', '#3']);
    expect(namesSince(ring, { seq: 3 })).toEqual(['1@100', '1@200']);
    expect(namesSince(ring, { seq: 0, played: { turn: 2, ms: 0 } })).toEqual(['#1', '#2', '#3']);
  });

  it('says whether something numbered is missing', () => {
    const ring = new ReplayRing(40);
    expect([39, 40, 41].map((seq) => ring.since({ seq }).recovered)).toEqual([false, true, false]);
    for (let seq = 41; seq <= 40 + MAX_MESSAGES + 10; seq++) ring.message(seq, message(1));
    expect([49, 50].map((seq) => ring.since({ seq }).recovered)).toEqual([false, true]);
    expect(ring.since({ seq: 0 }).sent).toHaveLength(MAX_MESSAGES);
  });

  it('keeps no more bytes of messages than its bound', () => {
    const ring = new ReplayRing(0);
    for (let seq = 1; seq <= 20; seq++) ring.message(seq, message(MAX_MESSAGE_BYTES / 10));
    expect(ring.since({ seq: 0 }).sent).toHaveLength(10);
  });

  it('keeps the newest audio of one turn alone', () => {
    const ring = new ReplayRing(0);
    for (let index = 0; index < 150; index++) ring.audio(frame(1, index));
    expect(ring.since({ seq: 0 }).sent).toHaveLength(MAX_AUDIO_MS / 100);
    expect(namesSince(ring, { seq: 0 })[0]).toBe('1@5100');
    ring.audio(frame(2, 0));
    expect(namesSince(ring, { seq: 0 })).toEqual(['2@100']);
  });

  it('has no audio of a turn that was interrupted (I10)', () => {
    const ring = new ReplayRing(0);
    ring.audio(frame(2, 0));
    ring.interrupted(1);
    expect(namesSince(ring, { seq: 0 })).toEqual(['2@100']);
    ring.interrupted(2);
    expect(namesSince(ring, { seq: 0 })).toEqual([]);
  });
});
