/**
 * Time as a dependency. Everything that waits or stamps takes a `Clock`, so that a ten-minute session can
 * be tested in milliseconds. Only this file touches the platform's timers.
 */
export interface Clock {
  /** Wall time in integer milliseconds since the epoch. May jump; never subtract two of these. */
  nowMs(): number;
  /** Monotonic milliseconds with a fraction; only differences mean anything. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`; the returned function cancels and is idempotent. */
  after(delayMs: number, run: () => void): CancelTimer;
  /** Calls `run` every `periodMs` until cancelled. Late ticks are not made up for. */
  every(periodMs: number, run: () => void): CancelTimer;
}

export type CancelTimer = () => void;

/** The platform's clock. Timers do not keep a Node process alive on their own. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    unref(timer);
    return () => clearTimeout(timer);
  },
  every(periodMs, run) {
    const timer = setInterval(run, periodMs);
    unref(timer);
    return () => clearInterval(timer);
  },
};

/** Node's timers are objects that can be told so; a browser's are numbers. */
function unref(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null) (timer as { unref?: () => void }).unref?.();
}

/** Resolves after `delayMs` on `clock`, or at once when `signal` aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(delayMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
