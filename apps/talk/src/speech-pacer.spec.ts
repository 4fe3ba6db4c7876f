import { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { paceSpeech } from './speech-pacer.js';

const never = new AbortController().signal;

describe('paceSpeech', () => {
  it('hands out a block when it has been spoken, and no byte twice', async () => {
    const clock = new ManualClock();
    const sent: [number, number][] = [];
    const speech = new Uint8Array(100 * 32);
    const done = paceSpeech(
      clock,
      speech,
      (block) => sent.push([clock.monotonicMs(), block.byteLength]),
      never,
    );
    await clock.advance(100);
    await done;
    expect(sent).toEqual([
      [40, 1_280],
      [80, 1_280],
      [100, 640],
    ]);
  });

  it('does not let a late block delay those after it', async () => {
    const clock = new ManualClock();
    const sent: number[] = [];
    const late: (() => void)[] = [];
    const slow = {
      ...boundClock(clock),
      after: (delayMs: number, run: () => void) =>
        clock.after(delayMs, () => (late.length === 0 ? late.push(run) : run())),
    };
    const done = paceSpeech(slow, new Uint8Array(160 * 32), () => sent.push(clock.monotonicMs()), never);
    await clock.advance(70);
    late[0]?.();
    await clock.advance(90);
    await done;
    expect(sent).toEqual([70, 80, 120, 160]);
  });

  it('stops at once when it is told to', async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const sent: number[] = [];
    const done = paceSpeech(clock, new Uint8Array(32_000), () => sent.push(clock.monotonicMs()), stop.signal);
    await clock.advance(50);
    stop.abort();
    await done;
    expect(sent).toEqual([40]);
  });
});

function boundClock(clock: ManualClock) {
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    every: (periodMs: number, run: () => void) => clock.every(periodMs, run),
  };
}
