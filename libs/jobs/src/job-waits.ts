const REMEMBERED = 1_000;

/**
 * How long jobs have waited to be taken up, by the one clock that submitters and runners share: Redis's. It stands in
 * the ids of the queue's events.
 */
export class JobWaits {
  readonly #addedAtMs = new Map<string, number>();

  added(jobId: string, eventId: string): void {
    this.#addedAtMs.set(jobId, redisTimeMs(eventId));
    const [oldest] = this.#addedAtMs.keys();
    if (this.#addedAtMs.size > REMEMBERED && oldest !== undefined) this.#addedAtMs.delete(oldest);
  }

  /** Milliseconds; undefined for a job whose beginning is not known any more. */
  takenUp(jobId: string, eventId: string): number | undefined {
    const addedAtMs = this.#addedAtMs.get(jobId);
    return addedAtMs === undefined ? undefined : redisTimeMs(eventId) - addedAtMs;
  }
}

/** The id of a stream's entry is `<Redis milliseconds>-<n>`. */
function redisTimeMs(eventId: string): number {
  return Number(eventId.split('-', 1)[0]);
}
