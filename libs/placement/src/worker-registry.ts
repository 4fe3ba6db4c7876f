export type WorkerState = 'ready' | 'draining' | 'full';

export interface WorkerRegistration {
  /** The pod's UID; never reused. */
  readonly workerId: string;
  /** New with each process start: what a lease and a session's ownership are bound to. */
  readonly incarnation: string;
  /** `host:port` of the relay link. */
  readonly address: string;
  /** Slots in hundredths: 80 sessions of cost 1 are 8,000. */
  readonly capacity: number;
  readonly leaseMs: number;
  /** Until the first heartbeat; `ready` when left out. A worker with live runs to re-assert comes back as `full`. */
  readonly state?: WorkerState;
}

export interface Heartbeat {
  readonly workerId: string;
  readonly incarnation: string;
  readonly state: WorkerState;
  /** 0…1, the largest of the loads that a worker measures. */
  readonly load: number;
  readonly leaseMs: number;
}

/**
 * `unknown`: no record (Redis lost it): register again with the same incarnation and re-assert.
 * `fenced`: another incarnation of this worker is alive: drop every live run.
 */
export type HeartbeatReply =
  { readonly kind: 'ok'; readonly used: number } | { readonly kind: 'unknown' | 'fenced' };

export interface WorkerRecord {
  readonly workerId: string;
  readonly incarnation: string;
  readonly address: string;
  readonly state: WorkerState;
  readonly capacity: number;
  readonly used: number;
  readonly load: number;
  /** False when the lease has run out. */
  readonly alive: boolean;
}

/**
 * Which workers there are. A lease belongs to a worker's incarnation, not to a session.
 *
 * 1. `used` of a worker is always the sum of the costs of its live runs (I2).
 * 2. What is kept about a worker that is silent for `BURIAL_MS` after its lease is forgotten, its live runs with it.
 *
 * Methods reject with `ParleyError` `control_plane_unavailable` when the store can't be reached.
 */
export interface WorkerRegistry {
  /**
   * `duplicate`: another incarnation of this worker still holds a lease. A new incarnation starts without live runs;
   * the one that is on record keeps its own.
   */
  register(worker: WorkerRegistration): Promise<'registered' | 'duplicate'>;
  heartbeat(beat: Heartbeat): Promise<HeartbeatReply>;
  /** Gives the lease back at once and ends the live runs on it; only for the incarnation that holds it. */
  deregister(workerId: string, incarnation: string): Promise<void>;
  /** Up to `limit` workers that take sessions, least loaded first. */
  candidates(limit: number): Promise<readonly WorkerRecord[]>;
  /** Every worker on record, by id, those whose lease ran out too. */
  list(): Promise<readonly WorkerRecord[]>;
}

export const BURIAL_MS = 600_000;
