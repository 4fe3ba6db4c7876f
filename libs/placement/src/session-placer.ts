import { ParleyError, type Clock } from '@parley/kernel';
import { CandidateSnapshot } from './candidate-snapshot.js';
import { DEFAULT_POLICY, selectorOf, suits, type PlacementPolicy } from './placement-policy.js';
import type { MoveResult, PlaceRequest, PlacementResult, SessionDirectory } from './session-directory.js';
import { leastLoaded, type WorkerSelector } from './worker-selector.js';
import type { WorkerRecord, WorkerRegistry } from './worker-registry.js';

export type PlaceWish = Omit<PlaceRequest, 'candidates'>;
export type Grant = Exclude<PlacementResult, { kind: 'full' | 'ended' }>;

export interface SessionPlacerOptions {
  readonly registry: WorkerRegistry;
  readonly directory: SessionDirectory;
  readonly clock: Clock;
  /** 0…1, as `Math.random`. */
  readonly random: () => number;
  /** Default: spread, no zone, any version. */
  readonly policy?: Partial<PlacementPolicy>;
}

const REDRAWS = 2;
const RETRY_MIN_MS = 1_000;
const RETRY_SPREAD_MS = 4_000;

/**
 * Finds a worker for a live run: a draw from a picture of the fleet that is at most a second old, then fresh draws,
 * then one try of the sixteen emptiest, in whatever zone. The picture only proposes; the directory alone decides who has
 * room.
 */
export class SessionPlacer {
  readonly #snapshot: CandidateSnapshot;
  readonly #directory: SessionDirectory;
  readonly #random: () => number;
  readonly #policy: PlacementPolicy;
  readonly #select: WorkerSelector;

  constructor(options: SessionPlacerOptions) {
    this.#snapshot = new CandidateSnapshot(options.registry, options.clock);
    this.#directory = options.directory;
    this.#random = options.random;
    this.#policy = { ...DEFAULT_POLICY, ...options.policy };
    this.#select = selectorOf(this.#policy);
  }

  /**
   * Throws `ParleyError` `session_not_found` when the live run has ended, and, retryable, `capacity_exhausted` (with a
   * scattered `retryAfterMs`) when nobody has room, and `control_plane_unavailable` when the store can't be reached.
   */
  async place(wish: PlaceWish): Promise<Grant> {
    const result = await this.#offer((candidates) => this.#directory.place({ ...wish, candidates }));
    switch (result.kind) {
      case 'placed':
        this.#snapshot.placed(result.workerId, wish.cost);
        return result;
      case 'existing':
        return result;
      case 'ended':
        throw new ParleyError('session_not_found', 'This live session has ended.', { kind: 'not_found' });
      case 'full':
        throw new ParleyError('capacity_exhausted', 'All workers are busy.', {
          kind: 'resource_exhausted',
          retryable: true,
          retryAfterMs: Math.round(RETRY_MIN_MS + RETRY_SPREAD_MS * this.#random()),
        });
    }
  }

  /**
   * Moves a live run to another worker, none of the `excluded`; throws `ParleyError` `control_plane_unavailable` when
   * the store can't be reached.
   */
  move(liveId: string, epoch: number, excluded: readonly string[] = []): Promise<MoveResult> {
    return this.#offer((candidates) => this.#directory.move({ liveId, epoch, candidates }), excluded);
  }

  async #offer<Result extends { readonly kind: string }>(
    ask: (candidates: readonly string[]) => Promise<Result>,
    excluded: readonly string[] = [],
  ): Promise<Result> {
    const suitable = (workers: readonly WorkerRecord[]) =>
      workers.filter((worker) => suits(this.#policy, worker) && !excluded.includes(worker.workerId));
    let workers = suitable(await this.#snapshot.current());
    // Asked even when nobody is a candidate: the session may have a live run already.
    let result = await ask(this.#select(workers, this.#random));
    for (let redraw = 0; result.kind === 'full' && redraw < REDRAWS; redraw += 1) {
      workers = suitable(await this.#snapshot.refresh());
      if (workers.length > 0) result = await ask(this.#select(workers, this.#random));
    }
    if (result.kind !== 'full' || workers.length === 0) return result;
    return ask(leastLoaded(workers, this.#random));
  }
}
