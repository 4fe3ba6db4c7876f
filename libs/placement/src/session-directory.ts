import { COMMAND_MS } from './worker-registry.js';

export interface PlaceRequest {
  readonly liveId: string;
  /** Tenant, app, user and session joined by `sessionScope`: at most one live run at a time (else `existing`). */
  readonly scope: string;
  readonly tenantId: string;
  /** In hundredths of a slot, at least 1. */
  readonly cost: number;
  /** Ids of the workers to choose from, at most `MAX_CANDIDATES`. */
  readonly candidates: readonly string[];
}

export interface Placement {
  readonly liveId: string;
  readonly workerId: string;
  readonly incarnation: string;
  readonly address: string;
  /** Fencing token: rises with every grant, also across a flush of Redis (I6). An integer below 2^53. */
  readonly epoch: number;
}

export type PlacementResult =
  /**
   * Reserved: for this `liveId`, or, where the session has an orphaned live run, for that one (`liveId` says so).
   * Asking again for that `liveId` before it is activated answers the same grant.
   */
  | ({ readonly kind: 'placed' } & Placement)
  /** The session has a live run already (perhaps under another `liveId`): attach to it. */
  | ({ readonly kind: 'existing' } & Placement)
  /** None of the candidates has room. */
  | { readonly kind: 'full' }
  /** The live run with this id has ended: it can not be had again. */
  | { readonly kind: 'ended' };

export interface MoveRequest {
  readonly liveId: string;
  /** The grant that is to be replaced; a newer one answers `stale`. */
  readonly epoch: number;
  /** Ids of the workers to choose from, at most `MAX_CANDIDATES`; the owner of now is never chosen. */
  readonly candidates: readonly string[];
}

export type MoveResult =
  /** Reserved on another worker. The owner before is told with its next heartbeat (`revoked`). */
  | ({ readonly kind: 'moved' } & Placement)
  /** Someone moved it before: this is the grant of now. */
  | ({ readonly kind: 'stale' } & Placement)
  | { readonly kind: 'full' | 'gone' };

/** What an owner says of a live run that it has, after the directory may have lost it. */
export interface LiveRunClaim {
  readonly liveId: string;
  readonly scope: string;
  readonly tenantId: string;
  readonly cost: number;
  readonly workerId: string;
  readonly incarnation: string;
  readonly epoch: number;
}

/**
 * Which worker runs which live run. Every change is one atomic step; capacity is never oversold (I2).
 *
 * 1. A live run counts against its worker while that worker's incarnation holds a lease. Once the lease is gone the
 *    run is orphaned: it counts nowhere, and whoever places it, or its session, gets it on another worker with the next
 *    epoch. Nobody's after `ORPHAN_MS`, it has ended.
 * 2. A reservation that is not activated within `RESERVATION_MS`, or whose worker is gone, counts for nothing: a run
 *    that was never active is gone without a trace, one that was is orphaned again.
 * 3. Epochs are max(last + 1, microseconds of the store's clock).
 * 4. What has ended stays ended: its id is not placed again within `ENDED_MS`. Only an owner that has it still, and
 *    never gave it back, may claim it.
 *
 * Methods reject with `ParleyError` `control_plane_unavailable` when the store can't be reached; a call that timed out
 * may have taken effect, and every one of them may be repeated.
 */
export interface SessionDirectory {
  place(request: PlaceRequest): Promise<PlacementResult>;
  /** reserved → active; `stale` when the epoch is not the current one (or the reservation ran out). */
  activate(liveId: string, epoch: number): Promise<'active' | 'stale'>;
  /**
   * Moves a live run away from an owner that lives: because the owner drains, or because it can not be reached. An
   * orphaned run is moved just so.
   */
  move(request: MoveRequest): Promise<MoveResult>;
  /** Frees the slot once; `stale` for an epoch that is not the current one, `gone` when it ended already. */
  release(liveId: string, epoch: number): Promise<'released' | 'stale' | 'gone'>;
  /**
   * Writes the claim down as active unless a grant with a higher epoch owns the run or its session (`superseded`: stop
   * running it). Whom the claim supersedes is told through its heartbeat. `unregistered`: the claiming incarnation holds
   * no lease. What runs is counted even beyond capacity.
   */
  reassert(claim: LiveRunClaim): Promise<'active' | 'superseded' | 'unregistered'>;
  /** What was granted last; undefined for what has ended or was never heard of. */
  find(liveId: string): Promise<FoundRun | undefined>;
  /**
   * Clears away what is over: reservations that ran out, orphans that nobody wanted. Returns how many. Safe to run
   * anywhere, any number of times.
   */
  sweep(): Promise<number>;
}

/** `orphaned`: its worker is gone, and nobody has placed it anew yet. */
export type FoundRun = Placement & { readonly state: 'reserved' | 'active' | 'orphaned' };

export const RESERVATION_MS = 5_000;
/** How long an orphaned live run waits to be placed anew: as long as a worker keeps one whose client is away. */
export const ORPHAN_MS = 120_000;
/** How long the id of an ended live run is remembered. */
export const ENDED_MS = 600_000;
export const MAX_CANDIDATES = 16;

/** How long things last that nobody asks for, for stores that are to be tested in less. */
export interface PlacementTimes {
  readonly reservationMs: number;
  readonly orphanMs: number;
  readonly endedMs: number;
  readonly commandMs: number;
}

export const PLACEMENT_TIMES: PlacementTimes = {
  reservationMs: RESERVATION_MS,
  orphanMs: ORPHAN_MS,
  endedMs: ENDED_MS,
  commandMs: COMMAND_MS,
};

export function sessionScope(key: {
  readonly tenantId: string;
  readonly appName: string;
  readonly userId: string;
  readonly sessionId: string;
}): string {
  return [key.tenantId, key.appName, key.userId, key.sessionId].map(encodeURIComponent).join('/');
}
