import type { Clock } from './clock.js';

export interface Bounds {
  readonly clock: Clock;
  /** Infinity: no deadline. */
  readonly withinMs: number;
  readonly onExpiry: () => Error;
  readonly signal?: AbortSignal;
}

/**
 * What `work` comes to, unless the deadline or the signal's abort comes first; then it rejects, and what `work`
 * still does goes unheard. Leaves no timer and no listener behind.
 */
export function withinBounds<T>(work: PromiseLike<T>, bounds: Bounds): Promise<T> {
  const { clock, withinMs, onExpiry, signal } = bounds;
  return new Promise<T>((resolve, reject) => {
    const aborted = (): void => settle(() => reject(asError(signal?.reason)));
    const cancelTimer =
      withinMs === Infinity ? undefined : clock.after(withinMs, () => settle(() => reject(onExpiry())));
    const settle = (how: () => void): void => {
      cancelTimer?.();
      signal?.removeEventListener('abort', aborted);
      how();
    };
    work.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(asError(error))),
    );
    if (signal?.aborted) return aborted();
    signal?.addEventListener('abort', aborted, { once: true });
  });
}

/** Rejects with `onExpiry()` when `work` has not settled within `deadlineMs`; the work itself is not stopped. */
export function withDeadline<T>(
  clock: Clock,
  deadlineMs: number,
  work: Promise<T>,
  onExpiry: () => Error,
): Promise<T> {
  return withinBounds(work, { clock, withinMs: deadlineMs, onExpiry });
}

/** What was thrown, as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
