import type { ToolJobOutcome } from '@parley/live';

interface Waiter {
  readonly resolve: (outcome: ToolJobOutcome) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Who waits for the outcome of which job. A job may have several waiters (it was submitted twice); each is settled
 * once, and what comes after that is ignored.
 */
export class OutcomeWaiters {
  readonly #waiters = new Map<string, Set<Waiter>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  jobIds(): readonly string[] {
    return [...this.#waiters.keys()];
  }

  /** `leave` ends the wait without an outcome; needed once `outcome` is no longer listened to. */
  wait(jobId: string): { readonly outcome: Promise<ToolJobOutcome>; readonly leave: () => void } {
    let waiter: Waiter | undefined;
    const outcome = new Promise<ToolJobOutcome>((resolve, reject) => {
      waiter = { resolve, reject };
      const waiters = this.#waiters.get(jobId) ?? new Set();
      this.#waiters.set(jobId, waiters.add(waiter));
      this.#size += 1;
    });
    const leave = (): void => {
      const waiters = this.#waiters.get(jobId);
      if (!waiter || !waiters?.delete(waiter)) return;
      this.#size -= 1;
      if (waiters.size === 0) this.#waiters.delete(jobId);
    };
    return { outcome, leave };
  }

  /** How many waited for it. */
  settle(jobId: string, outcome: ToolJobOutcome): number {
    const waiters = this.#take(jobId);
    for (const waiter of waiters) waiter.resolve(outcome);
    return waiters.length;
  }

  failAll(error: Error): void {
    for (const jobId of this.jobIds()) {
      for (const waiter of this.#take(jobId)) waiter.reject(error);
    }
  }

  #take(jobId: string): readonly Waiter[] {
    const waiters = [...(this.#waiters.get(jobId) ?? [])];
    this.#waiters.delete(jobId);
    this.#size -= waiters.length;
    return waiters;
  }
}
