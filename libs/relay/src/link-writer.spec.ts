import { systemClock } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { BATCH_BYTES, BatchBuffers } from './batch-buffers.js';
import { ChannelOutbox } from './channel-outbox.js';
import type { LinkTransport } from './link-transport.js';
import { LinkWriter } from './link-writer.js';
import { RelayCounters } from './relay-counters.js';
import { DEFAULT_LIMITS } from './relay-limits.js';

/** A transport that keeps what it was given, as the kernel's queue does, and answers as it is told to. */
class KeepingTransport implements LinkTransport {
  readonly writes: (readonly Uint8Array[])[] = [];
  readonly ticks: (() => void)[] = [];
  free = true;

  start(): void {}
  end(): void {}
  destroy(): void {}

  write(segments: readonly Uint8Array[]): boolean {
    this.writes.push(segments);
    return this.free;
  }

  schedule(flush: () => void): void {
    this.ticks.push(flush);
  }

  endTick(): void {
    for (const flush of this.ticks.splice(0)) flush();
  }
}

function outbox(chan: number): ChannelOutbox {
  const limits = {
    media: { maxBytes: 10_000_000, maxAgeMs: 60_000 },
    controlMaxBytes: 1,
    controlMaxEvents: 1,
  };
  return new ChannelOutbox({
    chan,
    epoch: 1,
    sendWindowBytes: Infinity,
    receiveWindowBytes: Infinity,
    limits: { ...DEFAULT_LIMITS, ...limits },
    dropped: () => undefined,
  });
}

function writerOn(
  transport: LinkTransport,
  buffers = new BatchBuffers(),
  counters = new RelayCounters(),
): LinkWriter {
  return new LinkWriter(transport, { clock: systemClock, buffers, counters });
}

function send(writer: LinkWriter, to: ChannelOutbox, bytes: number, mark: number): void {
  to.pushMedia(new Uint8Array(bytes).fill(mark), 1, systemClock.monotonicMs());
  writer.mediaReady(to);
}

describe('LinkWriter', () => {
  it('writes what a tick handed in once, as one segment', () => {
    const transport = new KeepingTransport();
    const writer = writerOn(transport);
    for (let chan = 1; chan <= 10; chan++) send(writer, outbox(chan), 3_216, chan);
    expect([transport.writes.length, transport.ticks.length]).toEqual([0, 1]);
    transport.endTick();
    expect(transport.writes.map((segments) => segments.length)).toEqual([1]);
    expect(transport.ticks).toHaveLength(0);
  });

  it('passes a large payload by reference', () => {
    const transport = new KeepingTransport();
    const writer = writerOn(transport);
    const large = outbox(1);
    const payload = new Uint8Array(200_000);
    large.pushMedia(payload, 1, systemClock.monotonicMs());
    writer.mediaReady(large);
    transport.endTick();
    expect(transport.writes[0]?.[1]).toBe(payload);
  });

  it('gathers one batch while the transport is blocked, and goes on when it is not', () => {
    const transport = new KeepingTransport();
    const counters = new RelayCounters();
    const writer = writerOn(transport, new BatchBuffers(), counters);
    const channel = outbox(1);
    transport.free = false;
    for (let i = 0; i < 100; i++) send(writer, channel, 4_816, i);
    transport.endTick();
    writer.flush();
    expect(transport.writes).toHaveLength(1);
    expect(counters.bytesOut).toBeLessThan(BATCH_BYTES + 5_000);
    transport.free = true;
    writer.onWritable();
    expect(channel.mediaBytes).toBe(0);
  });

  it('lends the memory that a blocked transport holds to no other link', () => {
    const buffers = new BatchBuffers();
    const blocked = new KeepingTransport();
    blocked.free = false;
    const first = writerOn(blocked, buffers);
    send(first, outbox(1), 1_000, 0xaa);
    blocked.endTick();
    const before = blocked.writes[0]?.[0]?.slice();
    for (let i = 0; i < 3; i++) {
      const other = new KeepingTransport();
      send(writerOn(other, buffers), outbox(1), 1_000, 0xbb);
      other.endTick();
    }
    first.stop();
    const last = new KeepingTransport();
    send(writerOn(last, buffers), outbox(1), 1_000, 0xcc);
    last.endTick();
    expect(blocked.writes[0]?.[0]).toEqual(before);
  });
});
