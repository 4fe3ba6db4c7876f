import type { Log } from '@parley/kernel';
import type { ChannelHandlers, CloseOutcome, LinkLoss, MediaDrop } from './frame-channel.js';

export interface ChannelInboxOptions {
  readonly liveId: string;
  /** Of what is kept until there are handlers, control and media together. */
  readonly maxFrames: number;
  readonly maxBytes: number;
  readonly log: Log;
  /** The channel must be closed for this reason; `end` follows. */
  readonly onTrouble: (reason: 'failed' | 'slow_consumer') => void;
}

interface EarlyFrame {
  readonly bytes: Uint8Array;
  /** Undefined for control. */
  readonly turn: number | undefined;
}

/**
 * What arrives on one channel, on its way to the owner's handlers.
 *
 * 1. Frames that come before the handlers are copied and kept in order, within bounds, and delivered before
 *    anything newer.
 * 2. `onClose` is called exactly once and last; with `discard` before it, nothing that is kept is delivered.
 * 3. A handler that throws does not reach the link.
 */
export class ChannelInbox {
  readonly #options: ChannelInboxOptions;
  #handlers: ChannelHandlers | undefined;
  /** Undefined when nothing is kept. */
  #early: EarlyFrame[] | undefined;
  #earlyBytes = 0;
  #end: { readonly outcome: CloseOutcome; readonly loss: LinkLoss | undefined } | undefined;
  #endTold = false;

  constructor(options: ChannelInboxOptions) {
    this.#options = options;
  }

  listen(handlers: ChannelHandlers): void {
    if (this.#handlers !== undefined) throw new Error('The handlers of a channel are set once.');
    this.#handlers = handlers;
    if (this.#early !== undefined || this.#end !== undefined) queueMicrotask(() => this.#catchUp());
  }

  /** `turn` is undefined for control. */
  deliver(view: Uint8Array, turn: number | undefined): void {
    if (this.#handlers !== undefined && this.#early === undefined) this.#call(this.#handlers, view, turn);
    else this.#keep(view, turn);
  }

  tellDropped(frames: number, bytes: number, why: MediaDrop, before: number): void {
    // In its own turn, because the handler may send while the queue that drops is at work.
    queueMicrotask(() => {
      if (this.#end === undefined) this.#handlers?.onMediaDropped?.(frames, bytes, why, before);
    });
  }

  discard(): void {
    this.#early = undefined;
  }

  end(outcome: CloseOutcome, loss: LinkLoss | undefined): void {
    this.#end = { outcome, loss };
    if (this.#early === undefined) this.#tellEnd();
  }

  #keep(view: Uint8Array, turn: number | undefined): void {
    const early = (this.#early ??= []);
    const bytes = this.#earlyBytes + view.byteLength;
    if (early.length >= this.#options.maxFrames || bytes > this.#options.maxBytes) {
      this.#options.onTrouble('slow_consumer');
      return;
    }
    early.push({ bytes: view.slice(), turn });
    this.#earlyBytes = bytes;
  }

  #catchUp(): void {
    const early = this.#early;
    const handlers = this.#handlers;
    if (early !== undefined && handlers !== undefined) {
      for (let next = early.shift(); next !== undefined; next = early.shift()) {
        this.#call(handlers, next.bytes, next.turn);
        if (this.#early === undefined) return;
      }
    }
    this.#early = undefined;
    this.#tellEnd();
  }

  #call(handlers: ChannelHandlers, view: Uint8Array, turn: number | undefined): void {
    try {
      if (turn === undefined) handlers.onControl(view);
      else handlers.onMedia(view, turn);
    } catch (error) {
      this.#options.log.error('a handler of a relay channel threw', { liveId: this.#options.liveId, error });
      this.#options.onTrouble('failed');
    }
  }

  #tellEnd(): void {
    const handlers = this.#handlers;
    if (this.#end === undefined || this.#endTold || handlers === undefined) return;
    this.#endTold = true;
    try {
      handlers.onClose(this.#end.outcome, this.#end.loss);
    } catch (error) {
      this.#options.log.error('a close handler of a relay channel threw', {
        liveId: this.#options.liveId,
        error,
      });
    }
  }
}
