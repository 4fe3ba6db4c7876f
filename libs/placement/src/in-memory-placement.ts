import type { Clock } from '@parley/kernel';
import {
  RESERVATION_MS,
  type LiveRunClaim,
  type PlaceRequest,
  type Placement,
  type PlacementResult,
  type SessionDirectory,
} from './session-directory.js';
import {
  BURIAL_MS,
  type Heartbeat,
  type HeartbeatReply,
  type WorkerRecord,
  type WorkerRegistration,
  type WorkerRegistry,
  type WorkerState,
} from './worker-registry.js';
import { placementRank } from './worker-selector.js';

interface WorkerEntry {
  readonly workerId: string;
  readonly incarnation: string;
  address: string;
  state: WorkerState;
  capacity: number;
  load: number;
  leaseEndsMs: number;
  readonly runs: Set<string>;
}

interface LiveRun extends Placement {
  readonly scope: string;
  readonly cost: number;
  state: 'reserved' | 'active';
  readonly reservedUntilMs: number;
}

/**
 * Both placement ports for one process: what an installation without Redis runs on, and the model that every other
 * adapter is compared with.
 */
export class InMemoryPlacement implements WorkerRegistry, SessionDirectory {
  readonly #workers = new Map<string, WorkerEntry>();
  readonly #runs = new Map<string, LiveRun>();
  readonly #liveIdByScope = new Map<string, string>();
  #epoch = 0;
  readonly #clock: Clock;
  readonly #reservationMs: number;

  constructor(clock: Clock, options: { readonly reservationMs?: number } = {}) {
    this.#clock = clock;
    this.#reservationMs = options.reservationMs ?? RESERVATION_MS;
  }

  async register(worker: WorkerRegistration): Promise<'registered' | 'duplicate'> {
    const known = this.#workers.get(worker.workerId);
    const another = known !== undefined && known.incarnation !== worker.incarnation;
    if (another && this.#holdsLease(known)) return 'duplicate';
    if (another) this.#bury(known);
    const entry = another ? undefined : known;
    this.#workers.set(worker.workerId, {
      workerId: worker.workerId,
      incarnation: worker.incarnation,
      address: worker.address,
      state: worker.state ?? 'ready',
      capacity: worker.capacity,
      load: entry?.load ?? 0,
      leaseEndsMs: this.#nowMs() + worker.leaseMs,
      runs: entry?.runs ?? new Set(),
    });
    return 'registered';
  }

  async heartbeat(beat: Heartbeat): Promise<HeartbeatReply> {
    const worker = this.#workers.get(beat.workerId);
    if (!worker) return { kind: 'unknown' };
    if (worker.incarnation !== beat.incarnation) {
      return { kind: this.#holdsLease(worker) ? 'fenced' : 'unknown' };
    }
    worker.state = beat.state;
    worker.load = beat.load;
    worker.leaseEndsMs = this.#nowMs() + beat.leaseMs;
    return { kind: 'ok', used: this.#used(worker) };
  }

  async deregister(workerId: string, incarnation: string): Promise<void> {
    const worker = this.#workers.get(workerId);
    if (worker?.incarnation === incarnation) this.#bury(worker);
  }

  async candidates(limit: number): Promise<readonly WorkerRecord[]> {
    return [...this.#workers.values()]
      .map((worker) => this.#record(worker))
      .filter((worker) => worker.alive && worker.state === 'ready' && worker.used < worker.capacity)
      .sort((a, b) => placementRank(a) - placementRank(b) || (a.workerId < b.workerId ? -1 : 1))
      .slice(0, limit);
  }

  async list(): Promise<readonly WorkerRecord[]> {
    return [...this.#workers.values()]
      .map((worker) => this.#record(worker))
      .sort((a, b) => (a.workerId < b.workerId ? -1 : 1));
  }

  async place(request: PlaceRequest): Promise<PlacementResult> {
    const own = this.#counting(request.liveId);
    if (own) {
      const kind = own.state === 'reserved' ? 'placed' : 'existing';
      return { kind, ...placementOf(own) };
    }
    const current = this.#counting(this.#liveIdByScope.get(request.scope));
    if (current) return { kind: 'existing', ...placementOf(current) };
    this.#sweepReservations();
    const worker = this.#roomiest(request);
    if (!worker) return { kind: 'full' };
    this.#epoch = Math.max(this.#epoch + 1, this.#clock.nowMs() * 1_000);
    const run: LiveRun = {
      liveId: request.liveId,
      scope: request.scope,
      cost: request.cost,
      workerId: worker.workerId,
      incarnation: worker.incarnation,
      address: worker.address,
      epoch: this.#epoch,
      state: 'reserved',
      reservedUntilMs: this.#nowMs() + this.#reservationMs,
    };
    this.#write(run, worker);
    return { kind: 'placed', ...placementOf(run) };
  }

  async activate(liveId: string, epoch: number): Promise<'active' | 'stale'> {
    const run = this.#counting(liveId);
    if (run?.epoch !== epoch) return 'stale';
    run.state = 'active';
    return 'active';
  }

  async release(liveId: string, epoch: number): Promise<'released' | 'stale' | 'gone'> {
    const run = this.#counting(liveId);
    if (!run) return 'gone';
    if (run.epoch !== epoch) return 'stale';
    this.#forget(run);
    return 'released';
  }

  async reassert(claim: LiveRunClaim): Promise<'active' | 'superseded' | 'unregistered'> {
    const worker = this.#workers.get(claim.workerId);
    if (worker?.incarnation !== claim.incarnation || !this.#holdsLease(worker)) {
      return 'unregistered';
    }
    for (const liveId of [claim.liveId, this.#liveIdByScope.get(claim.scope)]) {
      const run = this.#counting(liveId);
      if (run && run.epoch > claim.epoch) return 'superseded';
      if (run) this.#forget(run);
    }
    this.#epoch = Math.max(this.#epoch, claim.epoch);
    const { liveId, scope, cost, workerId, incarnation, epoch } = claim;
    const run: LiveRun = {
      ...{ liveId, scope, cost, workerId, incarnation, epoch },
      address: worker.address,
      state: 'active',
      reservedUntilMs: 0,
    };
    this.#write(run, worker);
    return 'active';
  }

  async find(liveId: string): Promise<(Placement & { readonly state: 'reserved' | 'active' }) | undefined> {
    const run = this.#runs.get(liveId);
    if (!run || this.#ranOut(run)) return undefined;
    return { ...placementOf(run), state: run.state };
  }

  async sweep(): Promise<number> {
    const swept = this.#sweepReservations();
    for (const worker of this.#workers.values()) {
      if (worker.leaseEndsMs + BURIAL_MS <= this.#nowMs()) this.#bury(worker);
    }
    return swept;
  }

  #nowMs(): number {
    return this.#clock.monotonicMs();
  }

  #holdsLease(worker: WorkerEntry): boolean {
    return worker.leaseEndsMs > this.#nowMs();
  }

  #ranOut(run: LiveRun): boolean {
    return run.state === 'reserved' && run.reservedUntilMs <= this.#nowMs();
  }

  /** The run if it still counts; one that does not is cleared away. */
  #counting(liveId: string | undefined): LiveRun | undefined {
    const run = liveId === undefined ? undefined : this.#runs.get(liveId);
    if (!run) return undefined;
    const worker = this.#workers.get(run.workerId);
    const owned = worker?.incarnation === run.incarnation && this.#holdsLease(worker);
    if (owned && !this.#ranOut(run)) return run;
    this.#forget(run);
    return undefined;
  }

  #roomiest(request: PlaceRequest): WorkerEntry | undefined {
    let best: WorkerEntry | undefined;
    let bestRank = Number.POSITIVE_INFINITY;
    for (const workerId of request.candidates) {
      const worker = this.#workers.get(workerId);
      if (worker?.state !== 'ready' || !this.#holdsLease(worker)) continue;
      const used = this.#used(worker) + request.cost;
      const rank = placementRank({ used, capacity: worker.capacity, load: worker.load });
      if (used <= worker.capacity && rank < bestRank) [best, bestRank] = [worker, rank];
    }
    return best;
  }

  #write(run: LiveRun, worker: WorkerEntry): void {
    this.#runs.set(run.liveId, run);
    this.#liveIdByScope.set(run.scope, run.liveId);
    worker.runs.add(run.liveId);
  }

  #forget(run: LiveRun): void {
    this.#runs.delete(run.liveId);
    if (this.#liveIdByScope.get(run.scope) === run.liveId) this.#liveIdByScope.delete(run.scope);
    this.#workers.get(run.workerId)?.runs.delete(run.liveId);
  }

  #bury(worker: WorkerEntry): void {
    for (const liveId of worker.runs) {
      const run = this.#runs.get(liveId);
      if (run) this.#forget(run);
    }
    this.#workers.delete(worker.workerId);
  }

  #sweepReservations(): number {
    const ranOut = [...this.#runs.values()].filter((run) => this.#ranOut(run));
    for (const run of ranOut) this.#forget(run);
    return ranOut.length;
  }

  #used(worker: WorkerEntry): number {
    let used = 0;
    for (const liveId of worker.runs) used += this.#runs.get(liveId)?.cost ?? 0;
    return used;
  }

  #record(worker: WorkerEntry): WorkerRecord {
    const { workerId, incarnation, address, state, capacity, load } = worker;
    const alive = this.#holdsLease(worker);
    return { workerId, incarnation, address, state, capacity, used: this.#used(worker), load, alive };
  }
}

function placementOf({ liveId, workerId, incarnation, address, epoch }: LiveRun): Placement {
  return { liveId, workerId, incarnation, address, epoch };
}
