import { ParleyError, type Clock } from '@parley/kernel';
import { CandidateSnapshot } from './candidate-snapshot.js';
import type { PlaceRequest, PlacementResult, SessionDirectory } from './session-directory.js';
import { leastLoaded, powerOfChoices, type WorkerSelector } from './worker-selector.js';
import type { WorkerRegistry } from './worker-registry.js';

export type PlaceWish = Omit<PlaceRequest, 'candidates'>;
export type Grant = Exclude<PlacementResult, { kind: 'full' }>;

export interface SessionPlacerOptions {
  readonly registry: WorkerRegistry;
  readonly directory: SessionDirectory;
  readonly clock: Clock;
  /** 0…1, as `Math.random`. */
  readonly random: () => number;
  readonly select?: WorkerSelector;
}

const REDRAWS = 2;
const RETRY_MIN_MS = 1_000;
const RETRY_SPREAD_MS = 4_000;

/**
 * Finds a worker for a live run: a draw from a picture of the fleet that is at most a second old, then fresh draws,
 * then one try of the sixteen emptiest. The picture only proposes; the directory alone decides who has room.
 */
export class SessionPlacer {
  readonly #snapshot: CandidateSnapshot;
  readonly #directory: SessionDirectory;
  readonly #random: () => number;
  readonly #select: WorkerSelector;

  constructor(options: SessionPlacerOptions) {
    this.#snapshot = new CandidateSnapshot(options.registry, options.clock);
    this.#directory = options.directory;
    this.#random = options.random;
    this.#select = options.select ?? powerOfChoices;
  }

  /**
   * Throws `ParleyError` `capacity_exhausted` (with a scattered `retryAfterMs`) when nobody has room, and
   * `control_plane_unavailable` when the store can't be reached; both are retryable.
   */
  async place(wish: PlaceWish): Promise<Grant> {
    let workers = await this.#snapshot.current();
    // Offered even when nobody is a candidate: the session may have a live run already.
    let grant = await this.#offer(wish, this.#select(workers, this.#random));
    for (let redraw = 0; !grant && redraw < REDRAWS; redraw += 1) {
      workers = await this.#snapshot.refresh();
      if (workers.length > 0) grant = await this.#offer(wish, this.#select(workers, this.#random));
    }
    if (!grant && workers.length > 0) grant = await this.#offer(wish, leastLoaded(workers, this.#random));
    if (grant) return grant;
    throw new ParleyError('capacity_exhausted', 'All workers are busy.', {
      kind: 'resource_exhausted',
      retryable: true,
      retryAfterMs: Math.round(RETRY_MIN_MS + RETRY_SPREAD_MS * this.#random()),
    });
  }

  async #offer(wish: PlaceWish, candidates: readonly string[]): Promise<Grant | undefined> {
    const result = await this.#directory.place({ ...wish, candidates });
    return result.kind === 'full' ? undefined : result;
  }
}
