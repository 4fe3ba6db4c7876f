import type { Clock } from '@parley/kernel';
import { BATCH_BYTES, COPIED_PAYLOAD_BYTES, type BatchBuffers } from './batch-buffers.js';
import type { ChannelOutbox } from './channel-outbox.js';
import { Fifo } from './fifo.js';
import {
  LINK_FRAME,
  LINK_HEADER_BYTES,
  writeLinkHeader,
  type LinkFrameHeader,
  type LinkFrameType,
} from './link-frame.js';
import type { LinkTransport } from './link-transport.js';
import type { RelayCounters } from './relay-counters.js';

/**
 * Puts the frames of all channels of a link on its transport.
 *
 * 1. What channels hand in during a tick leaves together at its end: all control first, then media.
 * 2. Channels with control stand in one line and channels with media in another; the first in line writes one
 *    frame and goes to the end. A channel without credit stands in no line.
 * 3. Nothing is gathered while the transport is blocked, so frames stay in their channels' queues, where they can
 *    be purged, age out and be overtaken by control. At most one batch is beyond recall.
 */
export class LinkWriter {
  readonly #transport: LinkTransport;
  readonly #clock: Clock;
  readonly #buffers: BatchBuffers;
  readonly #counters: RelayCounters;
  readonly #controlLine = new Fifo<ChannelOutbox>();
  readonly #mediaLine = new Fifo<ChannelOutbox>();
  readonly #header: LinkFrameHeader = { type: 1, chan: 0, epochLo: 0, turn: 0, seq: 0, length: 0 };
  #segments: Uint8Array[] = [];
  /** The buffer of the batch that is being gathered, or that a blocked transport still holds. */
  #buffer: Uint8Array | undefined;
  #used = 0;
  /** Where the segment begins that is not in `#segments` yet. */
  #segmentAt = 0;
  #batchBytes = 0;
  #scheduled = false;
  #blocked = false;
  #stopped = false;

  constructor(
    transport: LinkTransport,
    deps: { readonly clock: Clock; readonly buffers: BatchBuffers; readonly counters: RelayCounters },
  ) {
    this.#transport = transport;
    this.#clock = deps.clock;
    this.#buffers = deps.buffers;
    this.#counters = deps.counters;
  }

  controlReady(outbox: ChannelOutbox): void {
    this.#lineUpControl(outbox);
    this.#schedule();
  }

  /** As `controlReady`, for what is not worth a write of its own: it leaves with the next one. */
  controlMayGo(outbox: ChannelOutbox): void {
    this.#lineUpControl(outbox);
  }

  /** Does nothing while the channel has no credit. */
  mediaReady(outbox: ChannelOutbox): void {
    this.#lineUpMedia(outbox);
    this.#schedule();
  }

  /** Writes what waits, unless the transport is blocked: for a channel that reached a bound within one tick. */
  flush(): void {
    while (!this.#blocked && !this.#stopped && this.#gather()) this.#write();
  }

  onWritable(): void {
    this.#blocked = false;
    this.#releaseBuffer();
    this.flush();
  }

  stop(): void {
    this.#stopped = true;
    this.#controlLine.clear();
    this.#mediaLine.clear();
    // A transport that is blocked may still read the buffer, so that one is left to the garbage collector.
    if (!this.#blocked) this.#releaseBuffer();
  }

  #lineUpControl(outbox: ChannelOutbox): void {
    if (outbox.inControlLine || !outbox.hasControl) return;
    outbox.inControlLine = true;
    this.#controlLine.push(outbox);
  }

  #lineUpMedia(outbox: ChannelOutbox): void {
    if (outbox.inMediaLine || !outbox.hasMedia) return;
    outbox.inMediaLine = true;
    this.#mediaLine.push(outbox);
  }

  #schedule(): void {
    if (this.#scheduled || this.#blocked || this.#stopped) return;
    if (this.#controlLine.size === 0 && this.#mediaLine.size === 0) return;
    this.#scheduled = true;
    this.#transport.schedule(this.#onTickEnd);
  }

  readonly #onTickEnd = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  #gather(): boolean {
    if (this.#controlLine.size === 0 && this.#mediaLine.size === 0) return false;
    this.#buffer ??= this.#buffers.take();
    while (this.#batchBytes < BATCH_BYTES) {
      const outbox = this.#controlLine.shift();
      if (outbox === undefined) break;
      outbox.inControlLine = false;
      const next = outbox.takeControl();
      if (next !== undefined) this.#add(outbox, next.type, next.value, next.payload);
      this.#lineUpControl(outbox);
    }
    const nowMs = this.#clock.monotonicMs();
    while (this.#batchBytes < BATCH_BYTES) {
      const outbox = this.#mediaLine.shift();
      if (outbox === undefined) break;
      outbox.inMediaLine = false;
      const next = outbox.hasMedia ? outbox.takeMedia(nowMs) : undefined;
      if (next !== undefined) this.#add(outbox, LINK_FRAME.media, next.turn, next.frame);
      this.#lineUpMedia(outbox);
    }
    if (this.#batchBytes === 0) this.#releaseBuffer();
    return this.#batchBytes > 0;
  }

  #add(outbox: ChannelOutbox, type: LinkFrameType, turn: number, payload: Uint8Array): void {
    const buffer = this.#buffer;
    if (buffer === undefined) return;
    const header = this.#header;
    header.type = type;
    header.chan = outbox.chan;
    header.epochLo = outbox.epochLo;
    header.turn = turn;
    header.seq = outbox.takeSeq();
    header.length = payload.byteLength;
    writeLinkHeader(buffer, this.#used, header);
    this.#used += LINK_HEADER_BYTES;
    if (payload.byteLength <= COPIED_PAYLOAD_BYTES) {
      buffer.set(payload, this.#used);
      this.#used += payload.byteLength;
    } else {
      this.#segments.push(buffer.subarray(this.#segmentAt, this.#used), payload);
      this.#segmentAt = this.#used;
    }
    this.#batchBytes += LINK_HEADER_BYTES + payload.byteLength;
    this.#counters.framesOut += 1;
  }

  #write(): void {
    const buffer = this.#buffer;
    if (buffer === undefined) return;
    if (this.#used > this.#segmentAt) this.#segments.push(buffer.subarray(this.#segmentAt, this.#used));
    const segments = this.#segments;
    this.#segments = [];
    this.#counters.bytesOut += this.#batchBytes;
    this.#used = 0;
    this.#segmentAt = 0;
    this.#batchBytes = 0;
    this.#blocked = !this.#transport.write(segments);
    if (!this.#blocked) this.#releaseBuffer();
  }

  #releaseBuffer(): void {
    if (this.#buffer !== undefined) this.#buffers.give(this.#buffer);
    this.#buffer = undefined;
  }
}
