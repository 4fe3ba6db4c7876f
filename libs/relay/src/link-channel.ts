import type { Clock, Log } from '@parley/kernel';
import { ChannelInbox } from './channel-inbox.js';
import { ChannelOutbox } from './channel-outbox.js';
import type {
  ChannelHandlers,
  ChannelPeer,
  CloseOutcome,
  CloseReason,
  FrameChannel,
  LinkLoss,
  MediaDrop,
} from './frame-channel.js';
import { LINK_FRAME, MAX_LINK_PAYLOAD_BYTES, type LinkFrameHeader } from './link-frame.js';
import { decodeClose, decodeRefusal, encodeClose, encodeRefusal, type Refusal } from './link-message.js';
import type { LinkWriter } from './link-writer.js';
import type { RelayCounters } from './relay-counters.js';
import type { RelayLimits } from './relay-limits.js';

/** What came of asking the worker to open a channel. */
export type OpeningResult =
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'closed'; readonly outcome: CloseOutcome; readonly loss: LinkLoss | undefined };

export interface LinkChannelOptions {
  readonly side: 'gateway' | 'worker';
  readonly chan: number;
  readonly liveId: string;
  readonly epoch: number;
  readonly attach: number;
  readonly mediaWindowBytes: number;
  readonly peer: ChannelPeer;
  readonly limits: RelayLimits;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: RelayCounters;
  readonly writer: LinkWriter;
  /** The gateway's side: the worker's answer, or what came instead of one. Not when this side closed first. */
  readonly onOpening?: (result: OpeningResult) => void;
  /** Exactly once, before the owner is told. */
  readonly onEnded: (channel: LinkChannel) => void;
}

/**
 * A channel of a link: one attach, between the link's parser and writer. See FrameChannel for what its owner may
 * rely on; beyond that:
 *
 * 1. On the worker's side what the owner sends before the run is accepted waits behind `opened`.
 * 2. A frame of another epoch has no effect but to be counted.
 * 3. After this side closed nothing more is delivered; after the other side closed, what it sent before is.
 */
export class LinkChannel implements FrameChannel {
  readonly chan: number;
  readonly liveId: string;
  readonly epoch: number;
  readonly attach: number;
  readonly peer: ChannelPeer;
  readonly #options: LinkChannelOptions;
  readonly #outbox: ChannelOutbox;
  readonly #inbox: ChannelInbox;
  /** Until the worker accepted the run. On its side nothing is written so long. */
  #opening = true;
  #expectedSeq: number;
  #outcome: CloseOutcome | undefined;

  constructor(options: LinkChannelOptions) {
    const { side, limits, chan, liveId, epoch, log } = options;
    this.#options = options;
    this.chan = chan;
    this.liveId = liveId;
    this.epoch = epoch;
    this.attach = options.attach;
    this.peer = options.peer;
    this.#outbox = new ChannelOutbox({
      chan,
      epoch,
      sendWindowBytes: side === 'worker' ? options.mediaWindowBytes : Infinity,
      receiveWindowBytes: side === 'worker' ? Infinity : options.mediaWindowBytes,
      limits: { ...limits, media: side === 'worker' ? limits.mediaDown : limits.mediaUp },
      dropped: (why, frames, bytes) => this.#onDropped(why, frames, bytes),
    });
    this.#inbox = new ChannelInbox({
      liveId,
      maxFrames: limits.controlMaxEvents,
      maxBytes: limits.controlMaxBytes,
      log,
      onTrouble: (reason) => this.close(reason),
    });
    // The gateway's open is the first frame of its sequence and has been read; the worker's is its answer.
    this.#expectedSeq = side === 'worker' ? 1 : 0;
    if (side === 'worker') this.#outbox.pushFrame(LINK_FRAME.opened);
  }

  get outcome(): CloseOutcome | undefined {
    return this.#outcome;
  }

  get queuedMediaBytes(): number {
    return this.#outbox.mediaBytes;
  }

  listen(handlers: ChannelHandlers): void {
    this.#inbox.listen(handlers);
  }

  sendControl(payload: Uint8Array): boolean {
    const bytes = payload.byteLength;
    if (this.#outcome !== undefined || bytes > MAX_LINK_PAYLOAD_BYTES) return false;
    if (!this.#outbox.roomForEvent(bytes) && !this.#held) this.#options.writer.flush();
    if (!this.#outbox.roomForEvent(bytes)) {
      this.#outbox.clearControl();
      this.close('slow_consumer');
      return false;
    }
    this.#outbox.pushEvent(payload);
    this.#lineUp();
    return true;
  }

  sendMedia(frame: Uint8Array, turn: number): boolean {
    const bytes = frame.byteLength;
    if (this.#outcome !== undefined || bytes > MAX_LINK_PAYLOAD_BYTES) return false;
    if (!this.#held && this.#outbox.hasMedia && this.#outbox.mediaOverflowsWith(bytes)) {
      this.#options.writer.flush();
    }
    if (!this.#outbox.pushMedia(frame, turn, this.#options.clock.monotonicMs())) return false;
    this.#lineUp();
    return true;
  }

  purgeMedia(throughTurn: number): number {
    return this.#outbox.purgeMedia(throughTurn);
  }

  grantMedia(bytes: number): void {
    if (this.#outcome !== undefined || this.#options.side === 'worker') return;
    this.#outbox.grant(bytes);
    if (this.#outbox.creditIsUrgent) this.#options.writer.controlReady(this.#outbox);
    else this.#options.writer.controlMayGo(this.#outbox);
  }

  close(reason: CloseReason): void {
    if (this.#outcome !== undefined) return;
    this.#opening = false;
    this.#inbox.discard();
    this.#outbox.pushFrame(LINK_FRAME.close, encodeClose(reason));
    this.#lineUp();
    this.#end(reason);
  }

  /** The gateway's side: asks for the run. */
  requestOpen(payload: Uint8Array): void {
    this.#outbox.pushFrame(LINK_FRAME.open, payload);
    this.#lineUp();
  }

  /** The worker's side: lets go what waits. Does nothing when the channel has ended meanwhile. */
  accept(): void {
    if (this.#outcome !== undefined || !this.#opening) return;
    this.#opening = false;
    this.#lineUp();
  }

  /** The worker's side; as `accept`. */
  refuse(refusal: Refusal): void {
    if (this.#outcome !== undefined || !this.#opening) return;
    this.#opening = false;
    this.#outbox.clearControl();
    this.#outbox.pushFrame(LINK_FRAME.refused, encodeRefusal(refusal));
    this.#lineUp();
    this.#end('refused');
  }

  lose(loss: LinkLoss): void {
    this.#outbox.clearControl();
    this.#end('link_lost', loss);
  }

  expireMedia(nowMs: number): void {
    this.#outbox.expireMedia(nowMs);
  }

  /** False when the peer may not send that, which ends the link. */
  receive(header: Readonly<LinkFrameHeader>, payload: Uint8Array): boolean {
    if (header.epochLo !== this.#outbox.epochLo) {
      this.#options.counters.staleFrames += 1;
      return true;
    }
    if (header.seq !== this.#expectedSeq) return false;
    this.#expectedSeq = (header.seq + 1) >>> 0;
    switch (header.type) {
      case LINK_FRAME.media:
      case LINK_FRAME.control:
        if (this.#opening) return false;
        this.#inbox.deliver(payload, header.type === LINK_FRAME.media ? header.turn : undefined);
        return true;
      case LINK_FRAME.credit:
        if (this.#options.side !== 'worker') return false;
        this.#outbox.addCredit(header.turn);
        this.#options.writer.mediaReady(this.#outbox);
        return true;
      case LINK_FRAME.close:
        return this.#onPeerClosed(decodeClose(payload));
      case LINK_FRAME.opened:
        return this.#onAnswer({ kind: 'opened' });
      case LINK_FRAME.refused: {
        const refusal = decodeRefusal(payload);
        return refusal !== undefined && this.#onAnswer({ kind: 'refused', refusal });
      }
      default:
        return false;
    }
  }

  get #held(): boolean {
    return this.#opening && this.#options.side === 'worker';
  }

  #lineUp(): void {
    if (this.#held) return;
    this.#options.writer.controlReady(this.#outbox);
    this.#options.writer.mediaReady(this.#outbox);
  }

  #onAnswer(answer: OpeningResult): boolean {
    if (!this.#opening || this.#options.side !== 'gateway') return false;
    this.#opening = false;
    this.#options.onOpening?.(answer);
    if (answer.kind === 'refused') this.#end('refused');
    return true;
  }

  #onPeerClosed(reason: CloseReason | undefined): boolean {
    if (reason === undefined) return false;
    this.#outbox.clearControl();
    this.#end(reason);
    return true;
  }

  #end(outcome: CloseOutcome, loss?: LinkLoss): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#outbox.clearMedia();
    this.#options.onEnded(this);
    if (this.#opening) this.#options.onOpening?.({ kind: 'closed', outcome, loss });
    this.#opening = false;
    this.#inbox.end(outcome, loss);
  }

  #onDropped(why: MediaDrop, frames: number, bytes: number): void {
    const { counters } = this.#options;
    counters.droppedMediaFrames[why] += frames;
    counters.droppedMediaBytes[why] += bytes;
    if (why === 'budget' || why === 'age') {
      this.#inbox.tellDropped(frames, bytes, why, this.#outbox.mediaLeft);
    }
  }
}
