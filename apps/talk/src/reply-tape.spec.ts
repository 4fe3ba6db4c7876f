import { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { ReplyTape } from './reply-tape.js';

const BYTES_PER_MS = 48;

function makeTape() {
  const clock = new ManualClock();
  const tape = new ReplyTape(clock);
  const add = (turn: number, durationMs: number, fill: number): void =>
    tape.add({
      turn,
      seq: 0,
      tsMs: 0,
      pcm: new Uint8Array(durationMs * BYTES_PER_MS).fill(fill),
      sampleRate: 24_000,
      last: false,
    });
  return { clock, tape, add };
}

describe('ReplyTape', () => {
  it('joins pieces without the pauses between them', async () => {
    const { clock, tape, add } = makeTape();
    add(1, 40, 1);
    await clock.advance(500);
    add(2, 20, 2);
    expect(tape.durationMs).toBe(60);
    expect(tape.pcm16()).toEqual(
      Uint8Array.from({ length: 60 * BYTES_PER_MS }, (_, i) => (i < 40 * BYTES_PER_MS ? 1 : 2)),
    );
  });

  it('cuts off what an interruption kept from being heard', async () => {
    const { clock, tape, add } = makeTape();
    for (let i = 0; i < 50; i++) add(1, 40, 1);
    await clock.advance(130);
    tape.cut(1);
    add(2, 40, 2);
    expect(tape.durationMs).toBe(170);
    expect(tape.pcm16()[130 * BYTES_PER_MS]).toBe(2);
  });

  it('plays what comes after an interruption at once', async () => {
    const { clock, tape, add } = makeTape();
    add(1, 4_000, 1);
    await clock.advance(100);
    tape.cut(1);
    add(2, 1_000, 2);
    await clock.advance(300);
    expect(tape.heard).toEqual({ turn: 2, ms: 300 });
  });

  it('tells how much of the turn has been heard', async () => {
    const { clock, tape, add } = makeTape();
    expect(tape.heard).toBeUndefined();
    for (let i = 0; i < 10; i++) add(3, 40, 1);
    await clock.advance(250);
    expect(tape.heard).toEqual({ turn: 3, ms: 250 });
    await clock.advance(1_000);
    expect(tape.heard).toEqual({ turn: 3, ms: 400 });
  });
});
