import type { Clock } from '@parley/kernel';
import type { ChannelPeer } from './frame-channel.js';
import type { Handshake } from './handshake.js';
import type { Refusal } from './link-message.js';
import type { LinkStream, StreamFollower } from './link-stream.js';

/**
 * How a handshake ended. After `shaken` the caller must follow the stream before it returns. After `failed` the
 * stream is ended; `refusal` says what one side held against the other, and is undefined when the connection
 * broke or time ran out.
 */
export type HandshakeResult =
  | { readonly kind: 'shaken'; readonly peer: ChannelPeer; readonly stream: LinkStream }
  | { readonly kind: 'failed'; readonly why: 'refused' | 'broken' | 'timeout'; readonly refusal?: Refusal };

/** Runs `handshake` on a new stream that `makeStream` builds; calls `done` exactly once, never synchronously. */
export function shakeHands(options: {
  readonly handshake: Handshake;
  readonly makeStream: (follower: StreamFollower) => LinkStream;
  readonly clock: Clock;
  readonly deadlineMs: number;
  readonly done: (result: HandshakeResult) => void;
}): { abandon(): void } {
  const { handshake, makeStream, clock, deadlineMs, done } = options;
  let settled = false;
  const settle = (result: HandshakeResult): void => {
    if (settled) return;
    settled = true;
    cancelDeadline();
    done(result);
  };
  const stream = makeStream({
    onFrame(header, payload) {
      const { reply, peer, failure } = handshake.receive(header.type, payload);
      if (reply !== undefined) stream.send(reply.type, reply.payload);
      if (peer !== undefined) settle({ kind: 'shaken', peer, stream });
      if (failure === undefined) return;
      settle({ kind: 'failed', why: 'refused', refusal: failure });
      stream.hangUp();
    },
    onEnd: () => settle({ kind: 'failed', why: 'broken' }),
  });
  const cancelDeadline = clock.after(deadlineMs, () => {
    settle({ kind: 'failed', why: 'timeout' });
    stream.end('shut');
  });
  if (handshake.opening !== undefined) stream.send(handshake.opening.type, handshake.opening.payload);
  return { abandon: () => stream.end('shut') };
}
