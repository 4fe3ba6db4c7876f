import { setTimeout as wait } from 'node:timers/promises';

/** Repeats `check` until it passes; rejects with what it threw last when it has not by `deadlineMs`. */
export async function eventually<T>(check: () => Promise<T> | T, deadlineMs = 20_000): Promise<T> {
  const until = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await wait(20);
  }
}
