import type { PlaceRequest, PlacementResult, SessionDirectory } from '../session-directory.js';
import type { WorkerRegistration, WorkerRegistry } from '../worker-registry.js';

/** One store behind both ports, empty when opened. */
export interface PlacementFixture {
  readonly registry: WorkerRegistry;
  readonly directory: SessionDirectory;
  /** Moves every deadline in the store `ms` nearer, as if that time had passed. */
  age(ms: number): Promise<void>;
  /** Loses everything, as a flush of Redis does; the store's clock goes on. */
  loseAll(): Promise<void>;
  /** Rejects when what is stored contradicts itself, for stores that can be looked into. */
  check?(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenPlacementOptions {
  /** Default `RESERVATION_MS`. */
  readonly reservationMs?: number;
}

export type OpenPlacement = (options?: OpenPlacementOptions) => Promise<PlacementFixture>;

/** Long enough that the time a test takes on a busy machine is nothing beside it. */
export const TEST_LEASE_MS = 4_000_000;

export function aWorker(
  workerId: string,
  changes: Partial<WorkerRegistration> = {},
): Required<WorkerRegistration> {
  return {
    workerId,
    incarnation: `${workerId}-1`,
    address: `10.0.0.1:${7000 + workerId.length}`,
    capacity: 1_000,
    leaseMs: TEST_LEASE_MS,
    state: 'ready',
    ...changes,
  };
}

export function aWish(liveId: string, changes: Partial<PlaceRequest> = {}): PlaceRequest {
  return {
    liveId,
    scope: `t1/app/user/${liveId}`,
    tenantId: 't1',
    cost: 100,
    candidates: ['w1'],
    ...changes,
  };
}

/** The grant of a placement that must not be refused. */
export function granted(result: PlacementResult): Exclude<PlacementResult, { kind: 'full' }> {
  if (result.kind === 'full') throw new Error('expected a grant, got full');
  return result;
}
