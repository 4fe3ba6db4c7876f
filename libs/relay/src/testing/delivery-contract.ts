import { turns, until } from '@parley-testing/kernel';
import { expect, it } from 'vitest';
import { MAX_LINK_PAYLOAD_BYTES } from '../link-frame.js';
import type { OpenHarness } from './channel-harness.js';
import { mediaFrame, Recorder, text } from './recorder.js';

const FRAME = 1_000;
const WINDOW = { mediaWindowBytes: 4 * FRAME };

/** What arrives, in which order, and what must not. */
export function deliveryContract(open: OpenHarness): void {
  it('names the same run at both ends', async () => {
    const { gateway, worker } = await open();
    expect([worker.liveId, worker.epoch, worker.attach]).toEqual([
      gateway.liveId,
      gateway.epoch,
      gateway.attach,
    ]);
    expect([gateway.peer.id, gateway.peer.incarnation, worker.peer.id]).toEqual([
      'worker_1',
      'inc_1',
      'gateway_1',
    ]);
  });

  it('carries control in order, both ways', async () => {
    const { gateway, worker } = await open();
    const above = Recorder.on(gateway);
    const below = Recorder.on(worker);
    const names = Array.from({ length: 200 }, (_, i) => `event ${i}`);
    for (const each of names) {
      expect(gateway.sendControl(text(each))).toBe(true);
      expect(worker.sendControl(text(each))).toBe(true);
    }
    await until('all control', () => above.heard.length === 200 && below.heard.length === 200);
    expect(above.controls).toEqual(names);
    expect(below.controls).toEqual(names);
  });

  it('carries media in order with its turn, both ways', async () => {
    const { gateway, worker } = await open();
    const above = Recorder.on(gateway);
    const below = Recorder.on(worker);
    for (let i = 0; i < 10; i++) {
      gateway.sendMedia(mediaFrame(i, 50), 0);
      worker.sendMedia(mediaFrame(i, 50), i + 1);
    }
    await until('all media', () => above.heard.length === 10 && below.heard.length === 10);
    expect(above.turns).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(below.turns).toEqual(new Array(10).fill(0));
    for (const media of [above.media, below.media]) {
      expect(media.map((each) => each[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
  });

  it('carries the largest frame, and takes no larger one', async () => {
    const { gateway, worker } = await open();
    const below = Recorder.on(worker);
    const largest = new Uint8Array(MAX_LINK_PAYLOAD_BYTES).map((_, i) => i % 251);
    expect(gateway.sendMedia(new Uint8Array(MAX_LINK_PAYLOAD_BYTES + 1), 0)).toBe(false);
    expect(gateway.sendControl(new Uint8Array(MAX_LINK_PAYLOAD_BYTES + 1))).toBe(false);
    expect(gateway.sendMedia(largest, 0)).toBe(true);
    expect(gateway.sendControl(text('after'))).toBe(true);
    await until('both', () => below.heard.length === 2);
    expect(Buffer.compare(below.media[0] ?? largest.subarray(1), largest)).toBe(0);
  });

  it('lets control overtake the media of the same tick', async () => {
    const { gateway, worker } = await open();
    const above = Recorder.on(gateway);
    for (let i = 0; i < 5; i++) worker.sendMedia(mediaFrame(i), 1);
    worker.sendControl(text('urgent'));
    await until('all', () => above.heard.length === 6);
    expect(above.heard[0]?.kind).toBe('control');
  });

  it('sends no media of a purged turn after control that follows the purge', async () => {
    const { gateway, worker } = await open(WINDOW);
    const above = Recorder.on(gateway);
    for (let i = 0; i < 20; i++) worker.sendMedia(mediaFrame(1, FRAME), 1);
    await until('the window is used', () => above.heard.length === 4);
    worker.sendMedia(mediaFrame(2, FRAME), 2);
    expect(worker.purgeMedia(1)).toBe(16);
    worker.sendControl(text('interrupted'));
    expect(worker.sendMedia(mediaFrame(1, FRAME), 1)).toBe(false);
    gateway.grantMedia(4 * FRAME);
    await until('the next turn', () => above.turns.includes(2));
    expect(above.heard.slice(4).map((each) => (each.kind === 'media' ? each.turn : each.text))).toEqual([
      'interrupted',
      2,
    ]);
  });

  it('takes media of turn 0 again after a purge of turn 0', async () => {
    const { gateway, worker } = await open();
    const below = Recorder.on(worker);
    gateway.sendMedia(mediaFrame(1), 0);
    expect(gateway.purgeMedia(0)).toBe(1);
    expect(gateway.sendMedia(mediaFrame(2), 0)).toBe(true);
    await until('the later frame', () => below.heard.length === 1);
    expect(below.media[0]?.[0]).toBe(2);
  });

  it('takes a burst beyond every bound while the link is free', async () => {
    const { gateway, worker } = await open();
    const below = Recorder.on(worker);
    for (let i = 0; i < 1_000; i++) {
      expect(gateway.sendControl(text(String(i)))).toBe(true);
      expect(gateway.sendMedia(mediaFrame(i % 256, 2_000), 0)).toBe(true);
    }
    await until('everything', () => below.heard.length === 2_000);
    expect(below.controls).toEqual(Array.from({ length: 1_000 }, (_, i) => String(i)));
    expect(gateway.outcome).toBeUndefined();
  });

  it('delivers every byte as it was sent when the link is backed up in the midst of a burst', async () => {
    const mediaDown = { maxBytes: 1024 * 1024, maxAgeMs: 60_000 };
    const limits = { mediaDown, mediaWindowBytes: 256 * 1024 * 1024, deadMs: 60_000 };
    const { gateway, worker, workerCounters, stallDown, resumeDown } = await open(limits);
    const above = Recorder.on(gateway);
    stallDown();
    for (let i = 0; workerCounters.droppedMediaFrames.budget === 0; i++) {
      expect(i).toBeLessThan(10_000);
      for (let burst = 0; burst < 64; burst++) worker.sendMedia(mediaFrame(i % 256, 10_000), 1);
      await turns(1);
    }
    resumeDown();
    worker.sendControl(text('behind the burst'));
    await until('the queue is empty', () => worker.queuedMediaBytes === 0 || gateway.outcome !== undefined);
    worker.sendMedia(mediaFrame(0), 2);
    await until('the last frame', () => above.turns.at(-1) === 2 || gateway.outcome !== undefined);
    expect(gateway.outcome).toBeUndefined();
    const burst = above.media.slice(0, -1);
    expect(burst.filter((frame) => frame.byteLength !== 10_000 || !isUniform(frame))).toEqual([]);
    expect(above.controls).toEqual(['behind the burst']);
  });
}

function isUniform(bytes: Uint8Array): boolean {
  const [first] = bytes;
  return bytes.every((byte) => byte === first);
}
