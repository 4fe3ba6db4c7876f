import { systemClock, type Clock } from '@parley/kernel';
import { ManualClock } from '@parley-testing/kernel';
import { afterEach, describe, expect, it } from 'vitest';
import type { FrameChannel } from '../frame-channel.js';
import { MAX_LINK_PAYLOAD_BYTES } from '../link-frame.js';
import type { RelayCounters } from '../relay-counters.js';
import type { RelayLimits } from '../relay-limits.js';
import { mediaFrame, Recorder, text } from './recorder.js';
import { turns, until } from './until.js';

export interface ChannelHarness {
  readonly gateway: FrameChannel;
  readonly worker: FrameChannel;
  readonly workerCounters: Readonly<RelayCounters>;
  /** What the worker writes is not read until `resumeDown`. */
  stallDown(): void;
  resumeDown(): void;
  cut(): void;
  close(): Promise<void>;
}

export type MakeHarness = (limits: Partial<RelayLimits>, clock: Clock) => Promise<ChannelHarness>;

const FRAME = 1_000;
const WINDOW = { mediaWindowBytes: 4 * FRAME };

/** What every FrameChannel does, whatever carries it. */
export function describeFrameChannel(name: string, make: MakeHarness): void {
  describe(`FrameChannel over ${name}`, () => {
    let harness: ChannelHarness | undefined;

    async function open(limits: Partial<RelayLimits> = {}, clock = systemClock): Promise<ChannelHarness> {
      harness = await make(limits, clock);
      return harness;
    }

    afterEach(async () => {
      await harness?.close();
      harness = undefined;
    });

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
      expect(below.drops.map((each) => [each.frames, each.why])).toEqual(new Array(3).fill([1, 'budget']));
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
      expect(below.drops).toEqual([{ frames: 6, bytes: 6 * FRAME, why: 'age' }]);
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

    it('closes as a slow consumer when too much control waits', async () => {
      const { gateway, worker, stallDown, resumeDown } = await open({ deadMs: 60_000 });
      const above = Recorder.on(gateway);
      const below = Recorder.on(worker);
      stallDown();
      const event = new Uint8Array(200_000);
      for (let i = 0; worker.sendControl(event); i++) {
        expect(i).toBeLessThan(1_000);
        await turns(1);
      }
      expect(below.closes).toEqual([{ outcome: 'slow_consumer', loss: undefined }]);
      resumeDown();
      await until('the gateway hears of it', () => above.closes.length === 1);
      expect(above.closes[0]?.outcome).toBe('slow_consumer');
    });

    it('tells both ends of a close once, after the control that was sent before it', async () => {
      const { gateway, worker } = await open();
      const above = Recorder.on(gateway);
      const below = Recorder.on(worker);
      worker.sendControl(text('last words'));
      worker.close('superseded');
      worker.close('ended');
      expect([worker.outcome, worker.sendControl(text('no')), worker.sendMedia(mediaFrame(1), 1)]).toEqual([
        'superseded',
        false,
        false,
      ]);
      await until('the close', () => above.closes.length === 1);
      expect(above.controls).toEqual(['last words']);
      expect(gateway.outcome).toBe('superseded');
      gateway.close('ended');
      await turns(10);
      for (const end of [above, below]) {
        expect(end.closes).toEqual([{ outcome: 'superseded', loss: undefined }]);
      }
    });

    it('ends both channels with link_lost when the link breaks', async () => {
      const { gateway, worker, cut } = await open();
      const above = Recorder.on(gateway);
      const below = Recorder.on(worker);
      cut();
      await until('both ends', () => above.closes.length === 1 && below.closes.length === 1);
      for (const end of [above, below]) {
        expect(end.closes).toEqual([{ outcome: 'link_lost', loss: 'disconnected' }]);
      }
      expect(gateway.sendControl(text('no'))).toBe(false);
    });

    it('keeps what comes before there are handlers, and delivers it first', async () => {
      const { gateway, worker } = await open();
      const below = Recorder.on(worker);
      worker.sendControl(text('one'));
      worker.sendMedia(mediaFrame(2), 1);
      gateway.sendControl(text('a round trip'));
      await until('time for it to come', () => below.heard.length === 1);
      await turns(20);
      const above = Recorder.on(gateway);
      worker.sendControl(text('three'));
      await until('all three', () => above.heard.length === 3);
      expect(above.heard.map((each) => (each.kind === 'control' ? each.text : each.bytes[0]))).toEqual([
        'one',
        2,
        'three',
      ]);
    });

    it('delivers what came before a close to handlers that come after it', async () => {
      const { gateway, worker } = await open();
      worker.sendControl(text('before'));
      worker.close('ended');
      await until('the close', () => gateway.outcome === 'ended');
      const above = Recorder.on(gateway);
      await until('the news', () => above.closes.length === 1);
      expect(above.controls).toEqual(['before']);
      expect(() => gateway.listen(new Recorder())).toThrow();
    });

    it('closes as a slow consumer when nobody listens for too long', async () => {
      const { gateway, worker } = await open();
      const below = Recorder.on(worker);
      for (let i = 0; i < 300 && worker.sendControl(text(String(i))); i++) await turns(1);
      await until('the close', () => below.closes.length === 1);
      expect([gateway.outcome, worker.outcome]).toEqual(['slow_consumer', 'slow_consumer']);
    });

    it('closes the channel of a handler that throws', async () => {
      const { gateway, worker } = await open();
      const above = Recorder.on(gateway);
      const closes: string[] = [];
      worker.listen({
        onControl: () => {
          throw new Error('a fault in a handler');
        },
        onMedia: () => undefined,
        onClose: (outcome) => void closes.push(outcome),
      });
      gateway.sendControl(text('provoke'));
      await until('the close', () => above.closes.length === 1);
      expect([above.closes[0]?.outcome, closes]).toEqual(['failed', ['failed']]);
    });
  });
}

function isUniform(bytes: Uint8Array): boolean {
  const [first] = bytes;
  return bytes.every((byte) => byte === first);
}
