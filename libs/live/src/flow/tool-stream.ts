import { sleep, type Clock, withinBounds } from '@parley/kernel';
import type { Occupied } from './tool-work.js';

/** A streaming tool is not pulled faster than this: no model speaks of more, and a busy loop must not starve others. */
const MAX_YIELDS_PER_SECOND = 64;

export interface StreamPull {
  readonly clock: Clock;
  /** Ends the pulling. */
  readonly signal: AbortSignal;
  /** The longest wait for a yield; Infinity: no limit. */
  readonly withinMs: number;
  readonly onExpiry: () => Error;
  readonly occupied: Occupied;
  /** The next is pulled when this one has been dealt with. */
  readonly onYield: (value: unknown) => Promise<void>;
}

/**
 * Pulls a tool's yields until it returns, and resolves with what it returned; rejects when it throws, takes too long
 * or the signal aborts. However it ends, the tool's `finally` blocks get their turn.
 */
export async function pullStream(stream: AsyncIterable<unknown>, pull: StreamPull): Promise<unknown> {
  const { clock, signal, withinMs, onExpiry, occupied, onYield } = pull;
  const iterator: AsyncIterator<unknown, unknown> = stream[Symbol.asyncIterator]();
  let windowStartMs = clock.monotonicMs();
  let yields = 0;
  try {
    for (;;) {
      signal.throwIfAborted();
      const pulled = next(iterator);
      occupied.hold(pulled);
      const { done, value } = await withinBounds(pulled, { clock, withinMs, signal, onExpiry });
      if (done) return value;
      await onYield(value);
      yields += 1;
      if (yields < MAX_YIELDS_PER_SECOND) continue;
      await sleep(clock, Math.max(0, windowStartMs + 1_000 - clock.monotonicMs()), signal);
      windowStartMs = clock.monotonicMs();
      yields = 0;
    }
  } finally {
    occupied.hold(finish(iterator));
  }
}

async function next(iterator: AsyncIterator<unknown, unknown>): Promise<IteratorResult<unknown, unknown>> {
  return iterator.next();
}

async function finish(iterator: AsyncIterator<unknown, unknown>): Promise<void> {
  await iterator.return?.();
}
