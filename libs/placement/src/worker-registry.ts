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
  /** Where it runs (`topology.kubernetes.io/zone`); '' when left out. */
  readonly zone?: string;
  /** Version of the link that it speaks, a whole number; 1 when left out. */
  readonly version?: number;
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
  /** `serial` of the newest commands that the worker has carried out; 0, or left out, when there were none. */
  readonly heard?: number;
}

/** What a worker is told with every heartbeat until it says `heard`, for `COMMAND_MS` at most. Each list is sorted. */
export interface WorkerCommands {
  /** Of the newest command among these, 0 when there is none; rises also through a flush of Redis, as epochs do. */
  readonly serial: number;
  /** Live runs that have been placed elsewhere: to be dropped at once, with nothing said to anyone. */
  readonly revoked: readonly string[];
  /** Live runs that a gateway can not reach here: to be moved as in a drain. */
  readonly wanted: readonly string[];
}

/**
 * `ok`: the lease runs again. `lapsed`: it had run out, or the worker was declared dead: its live runs are orphaned, so
 * re-assert what runs. It takes nothing new until the next heartbeat.
 * `unknown`: no record (Redis lost it): register again with the same incarnation and re-assert.
 * `fenced`: another incarnation of this worker is alive: drop every live run.
 */
export type HeartbeatReply =
  | ({ readonly kind: 'ok'; readonly used: number; readonly lapsed: boolean } & WorkerCommands)
  | { readonly kind: 'unknown' | 'fenced' };

export interface WorkerRecord {
  readonly workerId: string;
  readonly incarnation: string;
  readonly address: string;
  readonly state: WorkerState;
  readonly capacity: number;
  readonly used: number;
  readonly load: number;
  readonly zone: string;
  readonly version: number;
  /** False when the lease has run out. */
  readonly alive: boolean;
}

/**
 * Which workers there are. A lease belongs to a worker's incarnation, not to a session.
 *
 * 1. `used` of a worker is always the sum of the costs of its live runs (I2).
 * 2. What is kept about a worker that is silent for `BURIAL_MS` after its lease is forgotten.
 * 3. Nothing here ends a live run: those of a worker that is gone are orphaned (`SessionDirectory`).
 *
 * Methods reject with `ParleyError` `control_plane_unavailable` when the store can't be reached.
 */
export interface WorkerRegistry {
  /**
   * `duplicate`: another incarnation of this worker still holds a lease. A new incarnation starts without live runs,
   * those of the one before are orphaned; the one that is on record keeps its own while its lease runs.
   */
  register(worker: WorkerRegistration): Promise<'registered' | 'duplicate'>;
  heartbeat(beat: Heartbeat): Promise<HeartbeatReply>;
  /** Gives the lease back at once; only for the incarnation that holds it. Live runs left on it are orphaned. */
  deregister(workerId: string, incarnation: string): Promise<void>;
  /**
   * Takes the lease from an incarnation, so that its live runs are orphaned now and not when the lease runs out.
   * `certain`: the caller has seen that the process is gone (its port refuses, or another incarnation answers there);
   * without it only a lease that has run out counts, and the answer may be `alive`. `other`: it is on record no more.
   * A worker that was declared dead and lives comes back with its next heartbeat (`lapsed`).
   */
  declareDead(
    workerId: string,
    incarnation: string,
    evidence: { readonly certain: boolean },
  ): Promise<'dead' | 'alive' | 'other'>;
  /**
   * Asks a worker, with its next heartbeat, to move a live run away: no link leads to it from here. Without effect when
   * the run is not there.
   */
  requestMove(workerId: string, liveId: string): Promise<void>;
  /** Up to `limit` workers that take sessions, least loaded first. */
  candidates(limit: number): Promise<readonly WorkerRecord[]>;
  /** Every worker on record, by id, those whose lease ran out too. */
  list(): Promise<readonly WorkerRecord[]>;
}

export const BURIAL_MS = 600_000;
/** How long a command waits for the worker. One that it missed loses its point: it has no lease, or has been tried anew. */
export const COMMAND_MS = 60_000;
/** Commands that wait for one worker at most; what would be more is not told. */
export const MAX_COMMANDS = 1_000;
