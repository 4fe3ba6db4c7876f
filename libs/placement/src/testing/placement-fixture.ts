import type { MoveResult, Placement, PlacementResult, PlacementTimes } from '../session-directory.js';
import type { PlaceRequest, SessionDirectory } from '../session-directory.js';
import type { Heartbeat, HeartbeatReply, WorkerRegistration, WorkerRegistry } from '../worker-registry.js';

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

export type OpenPlacement = (times?: Partial<PlacementTimes>) => Promise<PlacementFixture>;

/** Long enough that the time a test takes on a busy machine is nothing beside it. */
export const TEST_LEASE_MS = 4_000_000;

export function aWorker(
  workerId: string,
  changes: Partial<WorkerRegistration> = {},
): WorkerRegistration & Heartbeat {
  return {
    workerId,
    incarnation: `${workerId}-1`,
    address: `10.0.0.1:${7000 + workerId.length}`,
    capacity: 1_000,
    leaseMs: TEST_LEASE_MS,
    state: 'ready',
    load: 0,
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

/** The grant of a placement or a move that must not be refused. */
export function granted<R extends PlacementResult | MoveResult>(result: R): Extract<R, Placement> {
  if ('epoch' in result) return result as Extract<R, Placement>;
  throw new Error(`expected a grant, got ${result.kind}`);
}

/** The answer of a heartbeat that must have renewed the lease. */
export function renewed(reply: HeartbeatReply): Extract<HeartbeatReply, { kind: 'ok' }> {
  if (reply.kind === 'ok') return reply;
  throw new Error(`expected ok, got ${reply.kind}`);
}
