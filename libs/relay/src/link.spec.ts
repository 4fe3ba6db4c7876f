import { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import type { LinkLoss } from './frame-channel.js';
import type { Link } from './link.js';
import type { LinkChannel } from './link-channel.js';
import { FrameParser } from './frame-parser.js';
import { LINK_FRAME, type LinkFrameHeader } from './link-frame.js';
import { encodeOpen, type OpenMessage } from './link-message.js';
import type { RelayCounters, RelayObserver } from './relay-counters.js';
import type { RelayLimits } from './relay-limits.js';
import { memoryLink } from './testing/channel-pair.js';
import { linkFrame } from './testing/link-bytes.js';
import { MemoryWire } from './testing/memory-wire.js';
import { mediaFrame, Recorder, text } from './testing/recorder.js';

const OPEN: OpenMessage = {
  liveId: 'live_1',
  epoch: 0x5_0000_0007,
  attach: 1,
  mediaWindowBytes: 96 * 1024,
  payload: new Uint8Array(0),
};

interface WorkerEnd {
  readonly wire: MemoryWire;
  readonly clock: ManualClock;
  readonly counters: RelayCounters;
  readonly channels: LinkChannel[];
  readonly ends: LinkLoss[];
  /** Everything that the worker wrote, as the other end gets it. */
  readonly written: Uint8Array[];
  readonly say: (bytes: Uint8Array) => void;
  /** Lets time pass in which no timer of this process runs. */
  readonly standStill: (ms: number) => void;
}

/** A worker's link whose other end is the test itself. */
function workerEnd(limits: Partial<RelayLimits> = {}, observer: RelayObserver = {}): WorkerEnd {
  let stoodStillMs = 0;
  const wire = new MemoryWire();
  const clock = new ManualClock();
  const channels: LinkChannel[] = [];
  const ends: LinkLoss[] = [];
  const written: Uint8Array[] = [];
  wire.gateway.start({
    onData: (chunk) => void written.push(chunk.slice()),
    onWritable: () => undefined,
    onEnd: () => undefined,
  });
  const { counters } = memoryLink('worker', wire.worker, {
    clock: {
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs() + stoodStillMs,
      after: (delayMs, run) => clock.after(delayMs, run),
      every: (periodMs, run) => clock.every(periodMs, run),
    },
    limits,
    observer,
    onOpen: (channel) => {
      channels.push(channel);
      channel.accept();
    },
    onEnd: (loss) => void ends.push(loss),
  });
  const say = (bytes: Uint8Array): void => {
    wire.gateway.write([bytes]);
    wire.settle();
  };
  const standStill = (ms: number): void => {
    stoodStillMs += ms;
  };
  return { wire, clock, counters, channels, ends, written, say, standStill };
}

const epochLo = 7;
const openFrame = (chan = 1, seq = 0): Uint8Array =>
  linkFrame({ type: LINK_FRAME.open, chan, epochLo, seq }, encodeOpen(OPEN));

describe('Link', () => {
  it('drops and counts frames of another epoch', () => {
    const { say, channels, counters, ends } = workerEnd();
    say(openFrame());
    const below = new Recorder();
    channels[0]?.listen(below);
    say(linkFrame({ type: LINK_FRAME.control, chan: 1, epochLo: 6, seq: 1 }, text('stale')));
    say(linkFrame({ type: LINK_FRAME.media, chan: 1, epochLo: 8, seq: 1 }, mediaFrame(1)));
    say(linkFrame({ type: LINK_FRAME.close, chan: 1, epochLo: 6, seq: 1 }));
    say(linkFrame({ type: LINK_FRAME.control, chan: 1, epochLo, seq: 1 }, text('mine')));
    expect(below.controls).toEqual(['mine']);
    expect(below.media).toEqual([]);
    expect([counters.staleFrames, ends]).toEqual([3, []]);
  });

  it('drops and counts what comes for a channel that is closed', () => {
    const { say, channels, counters, ends } = workerEnd();
    say(openFrame());
    channels[0]?.close('ended');
    say(linkFrame({ type: LINK_FRAME.control, chan: 1, epochLo, seq: 1 }, text('late')));
    expect([counters.strayFrames, counters.channels, ends]).toEqual([1, 0, []]);
  });

  it.each<[string, Uint8Array[]]>([
    ['a second open of a channel', [openFrame(), openFrame(1, 1)]],
    ['an open of an older channel', [openFrame(2), openFrame(1)]],
    ['an open that is not one', [linkFrame({ type: LINK_FRAME.open, chan: 1, epochLo }, text('?'))]],
    [
      'an open whose header has another epoch',
      [linkFrame({ type: LINK_FRAME.open, chan: 1 }, encodeOpen(OPEN))],
    ],
    [
      'a hole in the sequence of a channel',
      [openFrame(), linkFrame({ type: LINK_FRAME.control, chan: 1, epochLo, seq: 2 })],
    ],
    ['a hole in the sequence of the link', [linkFrame({ type: LINK_FRAME.ping, seq: 1 })]],
    ['a frame of a channel that never was', [linkFrame({ type: LINK_FRAME.media, chan: 1, epochLo })]],
    [
      'an answer that only a worker gives',
      [openFrame(), linkFrame({ type: LINK_FRAME.opened, chan: 1, epochLo, seq: 1 })],
    ],
    ['a handshake behind the handshake', [linkFrame({ type: LINK_FRAME.hello })]],
    [
      'a close without a reason',
      [openFrame(), linkFrame({ type: LINK_FRAME.close, chan: 1, epochLo, seq: 1 })],
    ],
    ['garbage', [new Uint8Array(64).fill(0xff)]],
    ['a length beyond the limit', [linkFrame({ type: LINK_FRAME.media, chan: 1 }).fill(0x7f, 0, 1)]],
  ])('ends at %s, and every channel with it', (_, frames) => {
    const { say, channels, counters, ends } = workerEnd();
    for (const frame of frames) say(frame);
    expect(ends).toEqual(['protocol']);
    expect(channels.every((channel) => channel.outcome === 'link_lost')).toBe(true);
    expect([counters.links, counters.channels, counters.lostLinks.protocol]).toEqual([0, 0, 1]);
  });

  it('refuses channels beyond its limit and keeps those it has', () => {
    const { say, channels, ends, written } = workerEnd({ channelsPerLink: 2 });
    for (const chan of [1, 2, 3]) say(openFrame(chan));
    expect([channels.length, ends, framesOf(written).at(-1)?.header.type]).toEqual([
      2,
      [],
      LINK_FRAME.refused,
    ]);
  });

  it('answers a ping with its number', () => {
    const { say, written } = workerEnd();
    say(linkFrame({ type: LINK_FRAME.ping, turn: 5 }));
    expect(framesOf(written).map(({ header }) => [header.type, header.turn])).toEqual([[LINK_FRAME.pong, 5]]);
  });

  it('measures the round trip of its pings', async () => {
    const trips: number[] = [];
    const { clock, say, written } = workerEnd({}, { roundTrip: (_, ms) => void trips.push(ms) });
    await clock.advance(250);
    const ping = framesOf(written)[0]?.header;
    expect(ping?.type).toBe(LINK_FRAME.ping);
    await clock.advance(30);
    say(linkFrame({ type: LINK_FRAME.pong, turn: ping?.turn ?? 0 }));
    expect(trips).toEqual([30]);
  });

  it('pings twice a second, and is dead after 3 s of silence, not before', async () => {
    const { clock, say, ends, written } = workerEnd();
    for (const [number, waitMs] of [250, 500, 500].entries()) {
      await clock.advance(waitMs);
      const pings = framesOf(written).filter(({ header }) => header.type === LINK_FRAME.ping);
      expect(pings).toHaveLength(number + 1);
      say(linkFrame({ type: LINK_FRAME.pong, turn: number + 1, seq: number }));
    }
    await clock.advance(3_000);
    expect(ends).toEqual([]);
    await clock.advance(250);
    expect(ends).toEqual(['silent']);
  });

  it('sends no second ping before the first is answered', async () => {
    const { clock, say, ends, written } = workerEnd();
    for (let seq = 0; seq < 10; seq++) {
      await clock.advance(500);
      say(linkFrame({ type: LINK_FRAME.ping, seq }));
    }
    const pings = framesOf(written).filter(({ header }) => header.type === LINK_FRAME.ping);
    expect([pings.length, ends]).toEqual([1, []]);
  });

  it('does not hold its own standstill against the peer', async () => {
    const { clock, ends, standStill } = workerEnd();
    for (let i = 0; i < 11; i++) {
      standStill(10_000);
      await clock.advance(250);
    }
    expect(ends).toEqual([]);
    await clock.advance(250);
    expect(ends).toEqual(['silent']);
  });

  it('sends no media that was purged while the transport was blocked', () => {
    const { wire, say, channels, written } = workerEnd();
    say(openFrame());
    const [channel] = channels;
    wire.worker.stall();
    channel?.sendControl(text('blocks'));
    wire.settle();
    for (let i = 0; i < 5; i++) channel?.sendMedia(mediaFrame(1), 1);
    channel?.sendMedia(mediaFrame(2), 2);
    wire.settle();
    expect(channel?.purgeMedia(1)).toBe(5);
    channel?.sendControl(text('interrupted'));
    wire.worker.resume();
    wire.settle();
    expect(framesOf(written).map(({ header }) => [header.type, header.turn])).toEqual([
      [LINK_FRAME.opened, 0],
      [LINK_FRAME.control, 0],
      [LINK_FRAME.control, 0],
      [LINK_FRAME.media, 2],
    ]);
  });

  it('gives 500 channels their turns while one is stuck', () => {
    const stuck = 250;
    const { gateway, worker, wire } = linkPair();
    const arrivals: number[] = [];
    const grants = { mediaWindowBytes: 5_000 };
    const above = Array.from({ length: 500 }, (_, i) => {
      const channel = gateway.openChannel({ ...OPEN, ...grants, liveId: `live_${i}` }, () => undefined);
      channel.listen({
        onControl: () => undefined,
        onMedia: (frame) => {
          arrivals.push(i);
          if (i !== stuck) channel.grantMedia(frame.byteLength);
        },
        onClose: () => undefined,
      });
      return channel;
    });
    wire.settle();
    expect(worker).toHaveLength(500);
    wire.worker.stall();
    for (const channel of worker) {
      for (let i = 0; i < 20; i++) channel.sendMedia(mediaFrame(i, 1_000), 1);
    }
    wire.settle();
    wire.worker.resume();
    wire.settle();
    for (let round = 0; round < 5; round++) {
      expect(new Set(arrivals.slice(round * 500, (round + 1) * 500)).size).toBe(500);
    }
    const counts = new Array<number>(500).fill(0);
    for (const i of arrivals) counts[i] = (counts[i] ?? 0) + 1;
    expect(counts[stuck]).toBe(5);
    expect(counts.filter((count) => count === 20)).toHaveLength(499);
    expect(above.every((channel) => channel.outcome === undefined)).toBe(true);
  });

  it('lets one event of a channel pass the many of another', () => {
    const { gateway, worker, wire } = linkPair();
    const order: number[] = [];
    for (const i of [0, 1]) {
      gateway
        .openChannel(OPEN, () => undefined)
        .listen({
          onControl: () => void order.push(i),
          onMedia: () => undefined,
          onClose: () => undefined,
        });
    }
    wire.settle();
    for (let i = 0; i < 50; i++) worker[0]?.sendControl(text('many'));
    worker[1]?.sendControl(text('one'));
    wire.settle();
    expect(order.slice(0, 3)).toEqual([0, 1, 0]);
  });
});

function framesOf(written: readonly Uint8Array[]): { readonly header: LinkFrameHeader }[] {
  const frames: { readonly header: LinkFrameHeader }[] = [];
  const parser = new FrameParser((header) => void frames.push({ header: { ...header } }), Infinity);
  for (const chunk of written) parser.push(chunk);
  return frames;
}

/** A whole link; the worker accepts whatever is asked for. */
function linkPair(): { readonly gateway: Link; readonly worker: LinkChannel[]; readonly wire: MemoryWire } {
  const wire = new MemoryWire();
  const clock = new ManualClock();
  const worker: LinkChannel[] = [];
  memoryLink('worker', wire.worker, {
    clock,
    onOpen: (channel) => {
      worker.push(channel);
      channel.accept();
    },
  });
  const { link } = memoryLink('gateway', wire.gateway, { clock });
  return { gateway: link, worker, wire };
}
