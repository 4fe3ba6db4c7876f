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
  /** Reserved for this `liveId`; asking again before it is activated answers the same grant. */
  | ({ readonly kind: 'placed' } & Placement)
  /** The session has a live run already (perhaps under another `liveId`): attach to it. */
  | ({ readonly kind: 'existing' } & Placement)
  /** None of the candidates has room. */
  | { readonly kind: 'full' };

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
 * 1. A live run counts while its worker's incarnation holds a lease. Once that is gone the next step that meets the
 *    run clears it away.
 * 2. A reservation that is not activated within `RESERVATION_MS` counts for nothing and is swept.
 * 3. Epochs are max(last + 1, microseconds of the store's clock).
 *
 * Methods reject with `ParleyError` `control_plane_unavailable` when the store can't be reached; a call that timed out
 * may have taken effect, and every one of them may be repeated.
 */
export interface SessionDirectory {
  place(request: PlaceRequest): Promise<PlacementResult>;
  /** reserved → active; `stale` when the epoch is not the current one (or the reservation ran out). */
  activate(liveId: string, epoch: number): Promise<'active' | 'stale'>;
  /** Frees the slot once; `stale` for an epoch that is not the current one, `gone` when it ended already. */
  release(liveId: string, epoch: number): Promise<'released' | 'stale' | 'gone'>;
  /**
   * Writes the claim down as active unless a grant with a higher epoch owns the run or its session (`superseded`: stop
   * running it). `unregistered`: the claiming incarnation holds no lease. What runs is counted even beyond capacity.
   */
  reassert(claim: LiveRunClaim): Promise<'active' | 'superseded' | 'unregistered'>;
  /** What was granted last, whether or not the worker still lives; undefined once ended or run out. */
  find(liveId: string): Promise<(Placement & { readonly state: 'reserved' | 'active' }) | undefined>;
  /** Releases reservations that ran out; returns how many. Safe to run anywhere, any number of times. */
  sweep(): Promise<number>;
}

export const RESERVATION_MS = 5_000;
export const MAX_CANDIDATES = 16;

export function sessionScope(key: {
  readonly tenantId: string;
  readonly appName: string;
  readonly userId: string;
  readonly sessionId: string;
}): string {
  return [key.tenantId, key.appName, key.userId, key.sessionId].map(encodeURIComponent).join('/');
}
