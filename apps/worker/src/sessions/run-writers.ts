import { ParleyError } from '@parley/kernel';
import type { CloseReason, FrameChannel } from '@parley/relay';
import { encodeDownControl } from '@parley/wire';
import type { DownMessage } from './downlink.js';
import type { Uplink } from './uplink.js';

/** Channels beside the owner's that may send to one run. */
export const MAX_WRITERS = 8;
/** Messages of writers that wait to be stored, at most; beyond it only the owner is told. */
const MAX_AWAITED = 256;

/**
 * Those who only send to a run, beside the one who owns the downlink.
 *
 * 1. There are at most `MAX_WRITERS`. Coming and going they change nothing for the owner.
 * 2. What a message of a writer's comes to goes to that writer, as long as it is there.
 */
export class RunWriters {
  readonly #uplinks = new Map<FrameChannel, Uplink>();
  /** Who sent the message with this id. */
  readonly #awaited = new Map<string, FrameChannel>();

  /** Throws `ParleyError` `rate_limited` when there are too many. `uplink` takes what the channel sends. */
  add(channel: FrameChannel, uplink: Uplink): void {
    if (this.#uplinks.size >= MAX_WRITERS) {
      throw new ParleyError('rate_limited', 'Too many write to this call at the same time.', {
        kind: 'resource_exhausted',
        retryable: true,
        retryAfterMs: 1_000,
      });
    }
    this.#uplinks.set(channel, uplink);
    channel.listen({
      onControl: (bytes) => uplink.control(bytes),
      onMedia: (frame) => uplink.media(frame),
      onClose: () => {
        uplink.close();
        this.#uplinks.delete(channel);
      },
    });
  }

  awaits(id: string, channel: FrameChannel): void {
    if (this.#awaited.size < MAX_AWAITED) this.#awaited.set(id, channel);
  }

  /** To the writer of that message, if it was one. */
  answer(id: string, message: DownMessage): void {
    const channel = this.#awaited.get(id);
    this.#awaited.delete(id);
    channel?.sendControl(encodeDownControl(message));
  }

  close(reason: CloseReason, last?: DownMessage): void {
    this.#awaited.clear();
    for (const [channel, uplink] of [...this.#uplinks]) {
      uplink.close();
      if (last) channel.sendControl(encodeDownControl(last));
      channel.close(reason);
    }
    this.#uplinks.clear();
  }
}
