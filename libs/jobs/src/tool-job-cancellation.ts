/**
 * What a submitter writes as the progress of a job that it gave up. BullMQ stores it with the job, where a runner finds
 * it that takes the job up later, and announces it to those that run it now.
 */
export const CANCELLED = 'cancelled';

const REMEMBERED = 1_000;

/** The newest cancellations that a runner heard of: the announcement may come before the job itself. */
export class CancelledJobs {
  readonly #jobIds = new Set<string>();

  add(jobId: string): void {
    this.#jobIds.add(jobId);
    const [oldest] = this.#jobIds;
    if (this.#jobIds.size > REMEMBERED && oldest !== undefined) this.#jobIds.delete(oldest);
  }

  has(jobId: string): boolean {
    return this.#jobIds.has(jobId);
  }
}
