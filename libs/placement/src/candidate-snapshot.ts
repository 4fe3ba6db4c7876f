import type { Clock } from '@parley/kernel';
import type { WorkerRecord, WorkerRegistry } from './worker-registry.js';

const MAX_AGE_MS = 1_000;
/** More than are ever offered: who packs has to see the fuller ones, too. */
const SNAPSHOT_SIZE = 256;

/**
 * The gateway's picture of the workers that take sessions, at most a second old, so that placements don't each ask
 * the registry.
 *
 * 1. At most one read is under way; whoever comes meanwhile shares it.
 * 2. A failed read is not kept, and leaves the older picture unused.
 * 3. What this gateway has placed since the read is in the picture.
 */
export class CandidateSnapshot {
  #workers: readonly WorkerRecord[] = [];
  #takenAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<readonly WorkerRecord[]> | undefined;
  readonly #registry: WorkerRegistry;
  readonly #clock: Clock;

  constructor(registry: WorkerRegistry, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
  }

  async current(): Promise<readonly WorkerRecord[]> {
    return this.#clock.monotonicMs() - this.#takenAtMs < MAX_AGE_MS ? this.#workers : this.refresh();
  }

  /** Reads anew, or joins the read that is under way. */
  refresh(): Promise<readonly WorkerRecord[]> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  placed(workerId: string, cost: number): void {
    this.#workers = this.#workers.map((worker) =>
      worker.workerId === workerId ? { ...worker, used: worker.used + cost } : worker,
    );
  }

  async #read(): Promise<readonly WorkerRecord[]> {
    this.#takenAtMs = Number.NEGATIVE_INFINITY;
    const workers = await this.#registry.candidates(SNAPSHOT_SIZE);
    this.#workers = workers;
    this.#takenAtMs = this.#clock.monotonicMs();
    return workers;
  }
}
