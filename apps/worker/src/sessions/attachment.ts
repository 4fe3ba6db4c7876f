import { ParleyError, type CancelTimer, type Clock } from '@parley/kernel';
import type { FrameChannel } from '@parley/relay';

/** How long the attach before the newest is still good: its client may have missed the newer token. */
export const GRACE_MS = 30_000;

export type AttachmentState =
  | { readonly kind: 'attached'; readonly channel: FrameChannel; readonly sinceMs: number }
  | { readonly kind: 'detached'; readonly cancelDeadline: CancelTimer }
  /** The run goes on elsewhere, or nowhere: nobody attaches any more. */
  | { readonly kind: 'moving' | 'ending'; readonly channel: FrameChannel | undefined };

export interface AttachmentOptions {
  readonly clock: Clock;
  /** How long the run waits for a client that is away. */
  readonly windowMs: number;
  /** The last number that was given, by whatever owner; 0 for none. */
  readonly last: number;
  /** Nobody came back within the window. */
  readonly onExpired: () => void;
}

/**
 * Who holds the client's end of a run, and since when nobody does.
 *
 * 1. At most one channel is attached. Each attach has a number, one more than the last.
 * 2. Who shows an old number is refused: the newest one counts, and for `GRACE_MS`, or once its channel is closed, those
 *    since the one that was shown last, for the client may have got none of the newer. Who shows none comes with a
 *    fresh token of the client's and is always welcome.
 * 3. Detached ends by an attach or by `onExpired`, once; moving and ending are for good.
 */
export class Attachment {
  readonly #options: AttachmentOptions;
  #state: AttachmentState;
  #number: number;
  /** The oldest number that the client may still hold as its newest. */
  #oldestHeld: number;

  constructor(options: AttachmentOptions) {
    this.#options = options;
    this.#number = options.last;
    this.#oldestHeld = options.last - 1;
    this.#state = this.#detached();
  }

  get state(): AttachmentState {
    return this.#state;
  }

  /** The number of the newest attach. */
  get number(): number {
    return this.#number;
  }

  get channel(): FrameChannel | undefined {
    return this.#state.kind === 'detached' ? undefined : this.#state.channel;
  }

  /** Whether nobody attaches any more. */
  get closed(): boolean {
    return this.#state.kind === 'moving' || this.#state.kind === 'ending';
  }

  /** Says whose turn it is to attach. Throws `ParleyError` `unauthenticated` for one who comes late. */
  admit(after: number | undefined): void {
    const newest = after === undefined || after === this.#number;
    const missed = after !== undefined && after >= this.#oldestHeld && after < this.#number;
    if (newest || (missed && this.#isYoungOrGone())) {
      // a fresh token voids all numbers given so far
      this.#oldestHeld = after ?? this.#number + 1;
      return;
    }
    throw late();
  }

  /** Throws `ParleyError` `unauthenticated` for a writer whose number its client can not hold any more. */
  admitWriter(after: number | undefined): void {
    if (after === undefined || after < this.#oldestHeld || after > this.#number) throw late();
  }

  /** Answers the channel that was attached, if one was; it is up to the caller to close it. */
  attach(channel: FrameChannel): FrameChannel | undefined {
    const before = this.channel;
    if (this.#state.kind === 'detached') this.#state.cancelDeadline();
    this.#number += 1;
    this.#state = { kind: 'attached', channel, sinceMs: this.#options.clock.monotonicMs() };
    return before;
  }

  /** The client's connection is gone. */
  detach(): void {
    if (this.#state.kind === 'attached') this.#state = this.#detached();
  }

  close(kind: 'moving' | 'ending'): void {
    if (this.#state.kind === 'detached') this.#state.cancelDeadline();
    this.#state = { kind, channel: this.channel };
  }

  #isYoungOrGone(): boolean {
    if (this.#state.kind !== 'attached') return true;
    return (
      this.#state.channel.outcome !== undefined ||
      this.#options.clock.monotonicMs() - this.#state.sinceMs < GRACE_MS
    );
  }

  #detached(): AttachmentState {
    const { clock, windowMs, onExpired } = this.#options;
    return { kind: 'detached', cancelDeadline: clock.after(windowMs, onExpired) };
  }
}

function late(): ParleyError {
  return new ParleyError('unauthenticated', 'Someone else has taken this call up since.', {
    kind: 'unauthenticated',
  });
}
