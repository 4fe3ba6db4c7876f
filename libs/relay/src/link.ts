import { ParleyError, type CancelTimer, type Clock, type Log } from '@parley/kernel';
import type { ChannelPeer, LinkLoss } from './frame-channel.js';
import { LinkChannel, type OpeningResult } from './link-channel.js';
import { epochLow, LINK_FRAME, MAX_LINK_PAYLOAD_BYTES, type LinkFrameHeader } from './link-frame.js';
import { decodeOpen, encodeOpen, type OpenMessage } from './link-message.js';
import type { LinkStream, StreamFollower } from './link-stream.js';
import type { RelayCounters, RelayObserver } from './relay-counters.js';
import type { RelayLimits } from './relay-limits.js';

export interface LinkOptions {
  readonly side: 'gateway' | 'worker';
  /** Past its handshake. */
  readonly stream: LinkStream;
  readonly peer: ChannelPeer;
  readonly limits: RelayLimits;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: RelayCounters;
  readonly observer: RelayObserver;
  /** The worker's side: a gateway asks for a run; answered with the channel's `accept` or `refuse`. */
  readonly onOpen?: (channel: LinkChannel, open: OpenMessage) => void;
  /** A channel has ended; `channelCount` is what is left. */
  readonly onChannelEnded?: () => void;
  /** Once. */
  readonly onEnd: (loss: LinkLoss) => void;
}

/** How much finer than the ping the link looks for silence. */
const TICKS_PER_PING = 2;

/**
 * One connection between a gateway and a worker, and the channels on it.
 *
 * 1. Every frame goes to exactly one channel; frames of channels that are gone are counted and dropped.
 * 2. A frame that the peer may not send ends the link, never the process.
 * 3. When the link ends, for whatever cause, each of its channels ends with `link_lost`. The link's owner is told
 *    before them, so that who dials again from a close handler is not given this link.
 * 4. The link is dead after `deadMs` without a byte. Silence is measured in this process's own ticks, so the time
 *    that it was stopped or stalled is not held against the peer.
 */
export class Link implements StreamFollower {
  readonly peer: ChannelPeer;
  readonly #options: LinkOptions;
  readonly #channels = new Map<number, LinkChannel>();
  readonly #tickMs: number;
  readonly #cancelTick: CancelTimer;
  #lastTickMs: number;
  #ticks = 0;
  #silentMs = 0;
  #bytesHeard = 0;
  #lastChan = 0;
  #pingNumber = 0;
  /** When the ping was sent that awaits its pong; undefined when none does. */
  #pingAtMs: number | undefined;
  #ended = false;

  constructor(options: LinkOptions) {
    const { clock, limits, stream, counters, observer } = options;
    this.#options = options;
    this.peer = options.peer;
    this.#tickMs = limits.pingMs / TICKS_PER_PING;
    this.#lastTickMs = clock.monotonicMs();
    this.#bytesHeard = stream.bytesIn;
    this.#cancelTick = clock.every(this.#tickMs, () => this.#onTick());
    counters.links += 1;
    stream.follow(this);
    observer.linkUp?.(this.peer.id);
  }

  get ended(): boolean {
    return this.#ended;
  }

  get channelCount(): number {
    return this.#channels.size;
  }

  /**
   * The gateway's side: asks the worker for a run. `onOpening` hears later, and once, what came of it. Throws for
   * an open that the worker could only take for garbage.
   */
  openChannel(open: OpenMessage, onOpening: (result: OpeningResult) => void): LinkChannel {
    const request = encodeOpen(open);
    if (request.byteLength > MAX_LINK_PAYLOAD_BYTES) {
      throw new ParleyError('frame_too_large', 'What opens a session is too large.');
    }
    if (decodeOpen(request) === undefined) throw new RangeError('Not an id, epoch, attach and window.');
    const channel = this.#addChannel(this.#lastChan + 1, open, onOpening);
    channel.requestOpen(request);
    return channel;
  }

  /** Sends what waits and hangs up. Idempotent. */
  shut(): void {
    this.#options.stream.hangUp();
  }

  /** Hangs up at once: what waits is not sent. Idempotent. */
  cut(): void {
    this.#options.stream.end('shut');
  }

  onFrame(header: Readonly<LinkFrameHeader>, payload: Uint8Array): void {
    if (!this.#take(header, payload)) this.#options.stream.end('protocol');
  }

  onEnd(loss: LinkLoss): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelTick();
    const { counters, observer, log } = this.#options;
    counters.links -= 1;
    counters.lostLinks[loss] += 1;
    log.info('relay link down', { peer: this.peer.id, loss });
    this.#options.onEnd(loss);
    observer.linkDown?.(this.peer.id, loss);
    for (const channel of [...this.#channels.values()]) channel.lose(loss);
  }

  /** False when the peer may not send that. */
  #take(header: Readonly<LinkFrameHeader>, payload: Uint8Array): boolean {
    if (header.chan === 0) return this.#takeOwn(header);
    const channel = this.#channels.get(header.chan);
    if (channel !== undefined) return channel.receive(header, payload);
    if (header.type === LINK_FRAME.open) return this.#onOpen(header, payload);
    this.#options.counters.strayFrames += 1;
    return header.chan <= this.#lastChan;
  }

  #takeOwn(header: Readonly<LinkFrameHeader>): boolean {
    const { stream, clock, observer } = this.#options;
    if (header.type === LINK_FRAME.ping) {
      stream.send(LINK_FRAME.pong, undefined, header.turn);
      return true;
    }
    if (header.type !== LINK_FRAME.pong) return false;
    if (header.turn === this.#pingNumber && this.#pingAtMs !== undefined) {
      observer.roundTrip?.(this.peer.id, clock.monotonicMs() - this.#pingAtMs);
      this.#pingAtMs = undefined;
    }
    return true;
  }

  #onOpen(header: Readonly<LinkFrameHeader>, payload: Uint8Array): boolean {
    const { onOpen, limits } = this.#options;
    const open = decodeOpen(payload);
    if (onOpen === undefined || open === undefined || header.chan <= this.#lastChan) return false;
    if (header.epochLo !== epochLow(open.epoch) || header.seq !== 0) return false;
    const full = this.#channels.size >= limits.channelsPerLink;
    const channel = this.#addChannel(header.chan, open);
    if (full) channel.refuse({ code: 'capacity_exhausted', message: 'This link carries all it can.' });
    else onOpen(channel, open);
    return true;
  }

  #addChannel(chan: number, open: OpenMessage, onOpening?: (result: OpeningResult) => void): LinkChannel {
    const { side, peer, limits, clock, log, counters, stream } = this.#options;
    this.#lastChan = chan;
    const channel = new LinkChannel({
      side,
      chan,
      liveId: open.liveId,
      epoch: open.epoch,
      attach: open.attach,
      mediaWindowBytes: open.mediaWindowBytes,
      peer,
      limits,
      clock,
      log,
      counters,
      writer: stream.writer,
      ...(onOpening === undefined ? {} : { onOpening }),
      onEnded: (ended) => this.#onChannelEnded(ended),
    });
    this.#channels.set(chan, channel);
    counters.channels += 1;
    return channel;
  }

  #onChannelEnded(channel: LinkChannel): void {
    this.#channels.delete(channel.chan);
    this.#options.counters.channels -= 1;
    this.#options.onChannelEnded?.();
  }

  #onTick(): void {
    const { clock, limits, stream } = this.#options;
    const nowMs = clock.monotonicMs();
    const heard = stream.bytesIn !== this.#bytesHeard;
    this.#silentMs = heard ? 0 : this.#silentMs + Math.min(this.#tickMs, nowMs - this.#lastTickMs);
    this.#bytesHeard = stream.bytesIn;
    this.#lastTickMs = nowMs;
    if (this.#silentMs >= limits.deadMs) return stream.end('silent');
    for (const channel of this.#channels.values()) channel.expireMedia(nowMs);
    // One at a time, so that pings don't pile up behind a transport that is blocked.
    if (this.#ticks % TICKS_PER_PING === 0 && this.#pingAtMs === undefined) {
      this.#pingNumber = (this.#pingNumber + 1) >>> 0;
      this.#pingAtMs = nowMs;
      stream.send(LINK_FRAME.ping, undefined, this.#pingNumber);
    }
    this.#ticks += 1;
  }
}
