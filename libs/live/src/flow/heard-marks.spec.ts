import { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { HeardMarks } from './heard-marks.js';

const waitFor = (marks: HeardMarks, turn: number): { got: () => number | undefined | 'waiting' } => {
  let got: number | undefined | 'waiting' = 'waiting';
  void marks.awaitMark(turn, 500).then((ms) => (got = ms));
  return { got: () => got };
};

describe('HeardMarks', () => {
  it('gives the newest mark that comes after the interruption (C12)', async () => {
    const clock = new ManualClock();
    const marks = new HeardMarks(clock);
    marks.report(1, 800);
    const wait = waitFor(marks, 1);
    await clock.advance(40);
    marks.report(1, 1_000);
    await clock.advance(60);
    marks.report(1, 1_200);
    await clock.advance(149);
    expect(wait.got()).toBe('waiting');
    await clock.advance(1);
    expect(wait.got()).toBe(1_200);
  });

  it('gives the last mark before it when none comes until the deadline', async () => {
    const clock = new ManualClock();
    const marks = new HeardMarks(clock);
    marks.report(1, 800);
    const wait = waitFor(marks, 1);
    await clock.advance(499);
    expect(wait.got()).toBe('waiting');
    await clock.advance(1);
    expect(wait.got()).toBe(800);
  });

  it('knows nothing of a client that never reports, and that nothing was played of one that does', async () => {
    const clock = new ManualClock();
    const marks = new HeardMarks(clock);
    expect(marks.reporting).toBe(false);
    const silent = waitFor(marks, 1);
    await clock.advance(500);
    expect(silent.got()).toBeUndefined();
    marks.report(1, 800);
    expect(marks.reporting).toBe(true);
    const other = waitFor(marks, 2);
    await clock.advance(500);
    expect(other.got()).toBe(0);
  });

  it('never waits beyond the deadline, however many marks come', async () => {
    const clock = new ManualClock();
    const marks = new HeardMarks(clock);
    const wait = waitFor(marks, 1);
    for (let n = 0; n < 6; n++) {
      marks.report(1, n * 100);
      await clock.advance(100);
    }
    expect(wait.got()).toBe(400);
  });

  it('takes the furthest mark of a turn, and none that makes no sense', async () => {
    const clock = new ManualClock();
    const marks = new HeardMarks(clock);
    for (const [turn, ms] of [
      [1.5, 1],
      [-1, 1],
      [1, -1],
      [1, NaN],
      [NaN, 1],
    ] as const)
      marks.report(turn, ms);
    expect(marks.reporting).toBe(false);
    marks.report(1, 500);
    marks.report(1, 300);
    const wait = waitFor(marks, 1);
    await clock.advance(500);
    expect(wait.got()).toBe(500);
  });

  it('keeps the marks of the newest 8 turns', async () => {
    const clock = new ManualClock();
    const marks = new HeardMarks(clock);
    for (let turn = 1; turn <= 9; turn++) marks.report(turn, turn * 100);
    const waits = [1, 2, 9].map((turn) => waitFor(marks, turn));
    await clock.advance(500);
    expect(waits.map((wait) => wait.got())).toEqual([0, 200, 900]);
  });

  it('ends every wait when it is closed', async () => {
    const clock = new ManualClock();
    const marks = new HeardMarks(clock);
    marks.report(1, 500);
    const wait = waitFor(marks, 1);
    marks.close();
    marks.close();
    await clock.advance(0);
    expect(wait.got()).toBe(500);
  });
});
