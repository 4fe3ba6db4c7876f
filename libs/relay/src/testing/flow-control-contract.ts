import { ManualClock, turns, until } from '@parley-testing/kernel';
import { expect, it } from 'vitest';
import type { OpenHarness } from './channel-harness.js';
import { mediaFrame, Recorder, text } from './recorder.js';

const FRAME = 1_000;
const WINDOW = { mediaWindowBytes: 4 * FRAME };

/** Credit, and the bounds of what waits. */
export function flowControlContract(open: OpenHarness): void {
  it('sends the gateway no more media than it granted, and the rest in order when it does', async () => {
    const { gateway, worker } = await open(WINDOW);
    const above = Recorder.on(gateway);
    for (let i = 0; i < 20; i++) worker.sendMedia(mediaFrame(i, FRAME), 1);
    await until('the window is used', () => above.heard.length === 4);
    worker.sendControl(text('control needs no credit'));
    await until('the control', () => above.heard.length === 5);
    expect(worker.queuedMediaBytes).toBe(16 * FRAME);
    gateway.grantMedia(2 * FRAME);
    await until('two more', () => above.media.length === 6);
    expect(worker.queuedMediaBytes).toBe(14 * FRAME);
    for (let granted = 6; granted < 20; granted += 2) {
      gateway.grantMedia(2 * FRAME);
      await until('two more', () => above.media.length === granted + 2);
    }
    expect(above.media.map((each) => each[0])).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('never lets grants add up to more than the window', async () => {
    const { gateway, worker } = await open(WINDOW);
    const above = Recorder.on(gateway);
    for (let i = 0; i < 10; i++) gateway.grantMedia(4 * FRAME);
    gateway.sendControl(text('behind the grants'));
    const below = Recorder.on(worker);
    await until('the grants', () => below.heard.length === 1);
    for (let i = 0; i < 20; i++) worker.sendMedia(mediaFrame(i, FRAME), 1);
    worker.sendControl(text('end'));
    await until('the end', () => above.controls.length === 1 && above.media.length >= 4);
    await turns(20);
    expect(above.media).toHaveLength(4);
  });

  it('passes a frame larger than the window', async () => {
    const { gateway, worker } = await open(WINDOW);
    const above = Recorder.on(gateway);
    worker.sendMedia(mediaFrame(1, 10 * FRAME), 1);
    worker.sendMedia(mediaFrame(2, FRAME), 1);
    await until('the large one', () => above.heard.length === 1);
    gateway.grantMedia(10 * FRAME);
    await until('the next', () => above.heard.length === 2);
  });

  it('drops the oldest media of a full queue, counts it and says so', async () => {
    const mediaDown = { maxBytes: 5 * FRAME, maxAgeMs: 60_000 };
    const { gateway, worker, workerCounters } = await open({ ...WINDOW, mediaDown });
    const above = Recorder.on(gateway);
    const below = Recorder.on(worker);
    for (let i = 0; i < 4; i++) worker.sendMedia(mediaFrame(i, FRAME), 1);
    await until('the window is used', () => above.heard.length === 4);
    for (let i = 4; i < 12; i++) expect(worker.sendMedia(mediaFrame(i, FRAME), 1)).toBe(true);
    expect(worker.queuedMediaBytes).toBe(5 * FRAME);
    expect(workerCounters.droppedMediaFrames.budget).toBe(3);
    expect(workerCounters.droppedMediaBytes.budget).toBe(3 * FRAME);
    for (let granted = 0; granted < 2; granted++) gateway.grantMedia(4 * FRAME);
    await until('the newest', () => above.media.some((each) => each[0] === 10));
    expect(above.media.slice(4, 8).map((each) => each[0])).toEqual([7, 8, 9, 10]);
    expect(below.drops.map((each) => [each.frames, each.why, each.before])).toEqual(
      new Array(3).fill([1, 'budget', 4]),
    );
  });

  it('does not send media that waited too long, and says so', async () => {
    const clock = new ManualClock();
    const mediaDown = { maxBytes: 100 * FRAME, maxAgeMs: 100 };
    const { gateway, worker, workerCounters } = await open({ ...WINDOW, mediaDown }, clock);
    const above = Recorder.on(gateway);
    const below = Recorder.on(worker);
    for (let i = 0; i < 10; i++) worker.sendMedia(mediaFrame(i, FRAME), 1);
    await until('the window is used', () => above.heard.length === 4);
    await clock.advance(101);
    worker.sendMedia(mediaFrame(10, FRAME), 1);
    gateway.grantMedia(4 * FRAME);
    await until('the new frame', () => above.media.length === 5);
    expect(above.media[4]?.[0]).toBe(10);
    expect(workerCounters.droppedMediaFrames.age).toBe(6);
    expect(below.drops).toEqual([{ frames: 6, bytes: 6 * FRAME, why: 'age', before: 4 }]);
  });

  it('looks for media that waited too long even when nothing moves', async () => {
    const clock = new ManualClock();
    const mediaDown = { maxBytes: 100 * FRAME, maxAgeMs: 100 };
    const { gateway, worker } = await open({ ...WINDOW, mediaDown }, clock);
    const above = Recorder.on(gateway);
    for (let i = 0; i < 10; i++) worker.sendMedia(mediaFrame(i, FRAME), 1);
    await until('the window is used', () => above.heard.length === 4);
    await clock.advance(500);
    expect(worker.queuedMediaBytes).toBe(0);
  });
}
