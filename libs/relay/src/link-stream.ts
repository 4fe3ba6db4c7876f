import type { Clock } from '@parley/kernel';
import type { BatchBuffers } from './batch-buffers.js';
import { ChannelOutbox } from './channel-outbox.js';
import type { LinkLoss } from './frame-channel.js';
import { FrameParser } from './frame-parser.js';
import {
  MAX_HANDSHAKE_PAYLOAD_BYTES,
  MAX_LINK_PAYLOAD_BYTES,
  type LinkFrameHeader,
  type LinkFrameType,
} from './link-frame.js';
import type { LinkTransport } from './link-transport.js';
import { LinkWriter } from './link-writer.js';
import type { RelayCounters } from './relay-counters.js';
import { DEFAULT_LIMITS } from './relay-limits.js';

export interface StreamFollower {
  /** Both arguments are valid during the call only. */
  onFrame(header: Readonly<LinkFrameHeader>, payload: Uint8Array): void;
  /** Once; nothing follows. */
  onEnd(loss: LinkLoss): void;
}

/**
 * Frames over a transport: the parser for one direction, the writer for the other, and channel 0. The handshake
 * follows it first, then the link; what the same chunk held behind the last frame of the handshake reaches
 * the link.
 */
export class LinkStream {
  readonly writer: LinkWriter;
  readonly #transport: LinkTransport;
  readonly #parser: FrameParser;
  readonly #counters: RelayCounters;
  readonly #outbox: ChannelOutbox;
  #follower: StreamFollower;
  #expectedSeq = 0;
  #bytesIn = 0;
  #ended = false;

  constructor(
    transport: LinkTransport,
    follower: StreamFollower,
    deps: { readonly clock: Clock; readonly buffers: BatchBuffers; readonly counters: RelayCounters },
  ) {
    this.#transport = transport;
    this.#follower = follower;
    this.#counters = deps.counters;
    this.#parser = new FrameParser(this.#onFrame, MAX_HANDSHAKE_PAYLOAD_BYTES);
    this.writer = new LinkWriter(transport, deps);
    const { mediaDown: media, controlMaxBytes, controlMaxEvents } = DEFAULT_LIMITS;
    this.#outbox = new ChannelOutbox({
      chan: 0,
      epoch: 0,
      sendWindowBytes: 0,
      receiveWindowBytes: Infinity,
      limits: { media, controlMaxBytes, controlMaxEvents },
      dropped: () => undefined,
    });
    transport.start({
      onData: (chunk) => this.#onData(chunk),
      onWritable: () => this.writer.onWritable(),
      onEnd: () => this.end('disconnected'),
    });
  }

  /** Rises whenever anything is heard, be it a part of a frame. */
  get bytesIn(): number {
    return this.#bytesIn;
  }

  /** Hands the stream over to the link, with frames of full size allowed. */
  follow(follower: StreamFollower): void {
    this.#follower = follower;
    this.#parser.maxPayloadBytes = MAX_LINK_PAYLOAD_BYTES;
  }

  /** Sends a frame of the link itself. */
  send(type: LinkFrameType, payload?: Uint8Array, value?: number): void {
    this.#outbox.pushFrame(type, payload, value);
    this.writer.controlReady(this.#outbox);
  }

  /** Ends the stream at once. Idempotent. */
  end(loss: LinkLoss): void {
    this.#end(loss, () => this.#transport.destroy());
  }

  /** Ends the stream after what waits was written, as far as the transport takes it now. */
  hangUp(): void {
    this.writer.flush();
    this.#end('shut', () => this.#transport.end());
  }

  #end(loss: LinkLoss, close: () => void): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#parser.stop();
    this.writer.stop();
    close();
    this.#follower.onEnd(loss);
  }

  #onData(chunk: Uint8Array): void {
    this.#bytesIn += chunk.byteLength;
    this.#counters.bytesIn += chunk.byteLength;
    if (!this.#parser.push(chunk)) this.end('protocol');
  }

  readonly #onFrame = (header: Readonly<LinkFrameHeader>, payload: Uint8Array): void => {
    this.#counters.framesIn += 1;
    if (header.chan === 0) {
      if (header.seq !== this.#expectedSeq) return this.end('protocol');
      this.#expectedSeq = (this.#expectedSeq + 1) >>> 0;
    }
    this.#follower.onFrame(header, payload);
  };
}
