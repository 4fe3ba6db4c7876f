import { describe, expect, it } from 'vitest';
import { createPlaybackBuffer, type PlaybackReport } from './playback-buffer.js';

const QUANTUM = 128;
/** 24 samples a millisecond; starts with 4 ms = 96 samples. */
const OPTIONS = { sampleRate: 24_000, startMs: 4, maxMs: 1_000, reportEveryMs: 20 };

function makeBuffer() {
  const reports: PlaybackReport[] = [];
  const buffer = createPlaybackBuffer(OPTIONS, (report) => reports.push(report));
  const pull = (): number[] => {
    const out = new Float32Array(QUANTUM);
    buffer.pull(out);
    return Array.from(out, (value) => Math.round(value * 32_768));
  };
  const pullMany = (count: number): number[] => Array.from({ length: count }, pull).flat();
  return { buffer, reports, pull, pullMany };
}

const ramp = (from: number, count: number): Int16Array =>
  Int16Array.from({ length: count }, (_, i) => from + i);
const silent = (samples: readonly number[]): boolean => samples.every((sample) => sample === 0);

describe('the playback buffer', () => {
  it('plays every sample once, in order and without a gap, whatever the size of the chunks', () => {
    const { buffer, pullMany } = makeBuffer();
    let next = 1;
    for (const size of [100, 7, 1_000, 1, 333]) {
      buffer.push(1, ramp(next, size), false);
      next += size;
    }
    const heard = pullMany(12).filter((sample) => sample !== 0);
    expect(heard).toEqual([...ramp(1, next - 1)]);
  });

  it('waits for a little audio before it starts', () => {
    const { buffer, pull } = makeBuffer();
    buffer.push(1, ramp(1, 50), false);
    expect(silent(pull())).toBe(true);
    buffer.push(1, ramp(51, 100), false);
    expect(pull()).toEqual([...ramp(1, 128)]);
  });

  it('does not wait longer than that little audio would last', () => {
    const { buffer, pull } = makeBuffer();
    buffer.push(1, ramp(1, 50), false);
    expect(silent(pull())).toBe(true);
    expect(pull().slice(0, 51)).toEqual([...ramp(1, 50), 0]);
  });

  it('does not wait when the turn is over', () => {
    const { buffer, pull, reports } = makeBuffer();
    buffer.push(1, ramp(1, 12), true);
    expect(pull().slice(0, 13)).toEqual([...ramp(1, 12), 0]);
    expect(reports).toEqual([{ turn: 1, ms: 0.5, ended: true, starvations: 0 }]);
  });

  it('tells that nothing was heard of a turn that is flushed before it began', () => {
    const { buffer, pull, reports } = makeBuffer();
    buffer.push(3, ramp(1, 50), false);
    buffer.flush(3);
    expect(reports).toEqual([{ turn: 3, ms: 0, ended: true, starvations: 0 }]);
    expect(silent(pull())).toBe(true);
  });

  it('is silent after one quantum of fading when it is flushed', () => {
    const { buffer, pull } = makeBuffer();
    buffer.push(1, new Int16Array(24_000).fill(10_000), false);
    expect(pull().at(-1)).toBe(10_000);
    buffer.flush(1);
    const fading = pull();
    expect(fading[0]).toBe(10_000);
    expect(fading.at(-1)).toBeLessThan(200);
    expect(silent(pull())).toBe(true);
  });

  it('keeps the audio of later turns at a flush', () => {
    const { buffer, pull } = makeBuffer();
    buffer.push(1, ramp(1_000, 300), false);
    buffer.push(2, ramp(1, 300), false);
    pull();
    buffer.flush(1);
    pull();
    expect(pull()).toEqual([...ramp(1, 128)]);
  });

  it('reports what was heard of a turn on the way, at its end and at a flush', () => {
    const { buffer, pullMany, reports } = makeBuffer();
    buffer.push(1, new Int16Array(960), true);
    buffer.push(2, new Int16Array(9_600), false);
    pullMany(12);
    expect(reports.slice(0, 3)).toMatchObject([
      { turn: 1, ms: 21.333333333333332, ended: false },
      { turn: 1, ms: 40, ended: true },
      { turn: 2, ended: false },
    ]);
    buffer.flush(2);
    expect(reports.at(-1)).toEqual({ turn: 2, ms: 24, ended: true, starvations: 0 });
  });

  it('counts running dry within a turn, but not the end of one', () => {
    const { buffer, pullMany, reports } = makeBuffer();
    buffer.push(1, ramp(1, 200), false);
    pullMany(3);
    buffer.push(1, ramp(1, 200), true);
    pullMany(3);
    buffer.push(2, ramp(1, 200), true);
    pullMany(3);
    expect(reports.map(({ turn, starvations }) => [turn, starvations])).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });

  it('ends a turn that is finished after its last chunk, whether that still waits or not', () => {
    const { buffer, pullMany, reports } = makeBuffer();
    buffer.push(1, ramp(1, 96), false);
    buffer.finish(1);
    pullMany(2);
    buffer.push(2, ramp(1, 96), false);
    pullMany(2);
    buffer.finish(2);
    buffer.finish(2);
    expect(reports).toMatchObject([
      { turn: 1, ms: 4, ended: true },
      { turn: 2, ms: 4, ended: true, starvations: 0 },
    ]);
  });

  it('refuses what is beyond its size', () => {
    const { buffer } = makeBuffer();
    expect(buffer.push(1, new Int16Array(24_000), false)).toBe(true);
    expect(buffer.push(1, new Int16Array(1), false)).toBe(false);
  });
});
