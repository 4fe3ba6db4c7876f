import type { Clock } from '@parley/kernel';
import { LiveRunTable, type LiveRun, type WorkerEntry } from './live-run-table.js';
import {
  PLACEMENT_TIMES,
  type FoundRun,
  type LiveRunClaim,
  type MoveRequest,
  type MoveResult,
  type PlaceRequest,
  type Placement,
  type PlacementResult,
  type PlacementTimes,
  type SessionDirectory,
} from './session-directory.js';
import { WorkerMailbox } from './worker-mailbox.js';
import {
  BURIAL_MS,
  type Heartbeat,
  type HeartbeatReply,
  type WorkerRecord,
  type WorkerRegistration,
  type WorkerRegistry,
} from './worker-registry.js';
import { placementRank } from './worker-selector.js';

/**
 * Both placement ports for one process: what an installation without Redis runs on, and the model that every other
 * adapter is compared with.
 */
export class InMemoryPlacement implements WorkerRegistry, SessionDirectory {
  readonly #workers = new Map<string, WorkerEntry>();
  readonly #runs: LiveRunTable;
  readonly #clock: Clock;
  readonly #times: PlacementTimes;

  constructor(clock: Clock, times: Partial<PlacementTimes> = {}) {
    this.#clock = clock;
    this.#times = { ...PLACEMENT_TIMES, ...times };
    this.#runs = new LiveRunTable(this.#workers, clock, this.#times);
  }

  async register(worker: WorkerRegistration): Promise<'registered' | 'duplicate'> {
    const known = this.#workers.get(worker.workerId);
    const another = known !== undefined && known.incarnation !== worker.incarnation;
    if (another && this.#holdsLease(known)) return 'duplicate';
    if (known) this.#settleLease(known);
    const entry = another ? undefined : known;
    this.#workers.set(worker.workerId, {
      workerId: worker.workerId,
      incarnation: worker.incarnation,
      address: worker.address,
      zone: worker.zone ?? '',
      version: worker.version ?? 1,
      state: worker.state ?? 'ready',
      capacity: worker.capacity,
      load: entry?.load ?? 0,
      leaseEndsMs: this.#nowMs() + worker.leaseMs,
      runs: entry?.runs ?? new Set(),
      mailbox: entry?.mailbox ?? new WorkerMailbox(),
    });
    return 'registered';
  }

  async heartbeat(beat: Heartbeat): Promise<HeartbeatReply> {
    const worker = this.#workers.get(beat.workerId);
    if (!worker) return { kind: 'unknown' };
    if (worker.incarnation !== beat.incarnation) {
      return { kind: this.#holdsLease(worker) ? 'fenced' : 'unknown' };
    }
    const lapsed = this.#settleLease(worker);
    worker.state = lapsed && beat.state === 'ready' ? 'full' : beat.state;
    worker.load = beat.load;
    worker.leaseEndsMs = this.#nowMs() + beat.leaseMs;
    const commands = worker.mailbox.read(beat.heard ?? 0, this.#nowMs());
    return { kind: 'ok', used: this.#used(worker), lapsed, ...commands };
  }

  async deregister(workerId: string, incarnation: string): Promise<void> {
    const worker = this.#workers.get(workerId);
    if (worker?.incarnation === incarnation) this.#bury(worker);
  }

  async declareDead(
    workerId: string,
    incarnation: string,
    { certain }: { readonly certain: boolean },
  ): Promise<'dead' | 'alive' | 'other'> {
    const worker = this.#workers.get(workerId);
    if (worker?.incarnation !== incarnation) return 'other';
    if (!certain && this.#holdsLease(worker)) return 'alive';
    worker.leaseEndsMs = Math.min(worker.leaseEndsMs, this.#nowMs());
    this.#settleLease(worker);
    return 'dead';
  }

  async requestMove(workerId: string, liveId: string): Promise<void> {
    const run = this.#runs.current(liveId);
    if (run?.workerId === workerId && run.state !== 'orphaned') this.#tell(workerId, 'wanted', liveId);
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
    const { liveId, scope, cost, candidates } = request;
    const own = this.#runs.current(liveId);
    if (!own && this.#runs.claimableFrom(liveId) !== undefined) return { kind: 'ended' };
    const run = own ?? this.#runs.currentOfScope(scope);
    if (run && run.state !== 'orphaned') {
      const kind = run === own && run.state === 'reserved' ? 'placed' : 'existing';
      return { kind, ...placementOf(run) };
    }
    this.#runs.sweepReservations();
    const worker = this.#roomiest(candidates, run?.cost ?? cost);
    if (!worker) return { kind: 'full' };
    const granted = this.#reserve(run ?? { liveId, scope, cost, begun: false }, worker);
    return { kind: 'placed', ...placementOf(granted) };
  }

  async activate(liveId: string, epoch: number): Promise<'active' | 'stale'> {
    const run = this.#runs.current(liveId);
    if (run?.epoch !== epoch || run.state === 'orphaned') return 'stale';
    run.state = 'active';
    run.begun = true;
    return 'active';
  }

  async move({ liveId, epoch, candidates }: MoveRequest): Promise<MoveResult> {
    const run = this.#runs.current(liveId);
    if (!run) return { kind: 'gone' };
    if (run.epoch !== epoch) return { kind: 'stale', ...placementOf(run) };
    const owner = run.state === 'orphaned' ? undefined : run.workerId;
    this.#runs.sweepReservations();
    const others = candidates.filter((workerId) => workerId !== owner);
    const worker = this.#roomiest(others, run.cost);
    if (!worker) return { kind: 'full' };
    const granted = this.#reserve(run, worker);
    if (owner !== undefined) this.#tell(owner, 'revoked', liveId);
    return { kind: 'moved', ...placementOf(granted) };
  }

  async release(liveId: string, epoch: number): Promise<'released' | 'stale' | 'gone'> {
    const run = this.#runs.current(liveId);
    if (!run) return 'gone';
    if (run.epoch !== epoch) return 'stale';
    this.#runs.end(run, run.epoch + 1);
    return 'released';
  }

  async reassert(claim: LiveRunClaim): Promise<'active' | 'superseded' | 'unregistered'> {
    const { liveId, scope, cost, workerId, incarnation, epoch } = claim;
    const worker = this.#workers.get(workerId);
    if (worker?.incarnation !== incarnation || !this.#holdsLease(worker)) return 'unregistered';
    const own = this.#runs.current(liveId);
    const holder = this.#runs.currentOfScope(scope);
    const rival = holder === own ? undefined : holder;
    const lowest = Math.max(own?.epoch ?? 0, rival?.epoch ?? 0, this.#runs.claimableFrom(liveId) ?? 0);
    if (lowest > epoch) return 'superseded';
    this.#runs.raiseEpoch(epoch);
    if (rival) {
      this.#runs.end(rival, rival.epoch + 1);
      if (rival.state !== 'orphaned') this.#tell(rival.workerId, 'revoked', rival.liveId);
    }
    const { address } = worker;
    const run = { liveId, scope, cost, workerId, incarnation, address, epoch };
    this.#runs.write({ ...run, state: 'active', begun: true, deadlineMs: 0 });
    if (own && own.state !== 'orphaned' && own.workerId !== workerId) {
      this.#tell(own.workerId, 'revoked', liveId);
    }
    return 'active';
  }

  async find(liveId: string): Promise<FoundRun | undefined> {
    const run = this.#runs.current(liveId);
    return run && { ...placementOf(run), state: run.state };
  }

  async sweep(): Promise<number> {
    const ranOut = this.#runs.sweepReservations();
    for (const worker of this.#workers.values()) {
      this.#settleLease(worker);
      if (worker.leaseEndsMs + BURIAL_MS <= this.#nowMs()) this.#bury(worker);
    }
    return ranOut + this.#runs.sweepOrphans();
  }

  #nowMs(): number {
    return this.#clock.monotonicMs();
  }

  #holdsLease(worker: WorkerEntry): boolean {
    return worker.leaseEndsMs > this.#nowMs();
  }

  /** Once a lease has run out, the live runs under it are orphaned for good. True when it has. */
  #settleLease(worker: WorkerEntry): boolean {
    if (this.#holdsLease(worker)) return false;
    this.#runs.abandon(worker, worker.leaseEndsMs);
    return true;
  }

  #bury(worker: WorkerEntry): void {
    this.#runs.abandon(worker, this.#nowMs());
    this.#workers.delete(worker.workerId);
  }

  #roomiest(candidates: readonly string[], cost: number): WorkerEntry | undefined {
    let best: WorkerEntry | undefined;
    let bestRank = Number.POSITIVE_INFINITY;
    for (const workerId of candidates) {
      const worker = this.#workers.get(workerId);
      if (worker?.state !== 'ready' || !this.#holdsLease(worker)) continue;
      const used = this.#used(worker) + cost;
      const rank = placementRank({ used, capacity: worker.capacity, load: worker.load });
      if (used <= worker.capacity && rank < bestRank) [best, bestRank] = [worker, rank];
    }
    return best;
  }

  #reserve(run: Pick<LiveRun, 'liveId' | 'scope' | 'cost' | 'begun'>, worker: WorkerEntry): LiveRun {
    const { liveId, scope, cost, begun } = run;
    const { workerId, incarnation, address } = worker;
    const epoch = this.#runs.nextEpoch();
    const deadlineMs = this.#nowMs() + this.#times.reservationMs;
    const granted: LiveRun = {
      ...{ liveId, scope, cost, begun, workerId, incarnation, address, epoch, deadlineMs },
      state: 'reserved',
    };
    this.#runs.write(granted);
    return granted;
  }

  #tell(workerId: string, kind: 'revoked' | 'wanted', liveId: string): void {
    const nowMs = this.#nowMs();
    const command = { kind, serial: this.#runs.nextEpoch(), untilMs: nowMs + this.#times.commandMs };
    this.#workers.get(workerId)?.mailbox.post(liveId, command, nowMs);
  }

  #used(worker: WorkerEntry): number {
    let used = 0;
    for (const liveId of worker.runs) used += this.#runs.cost(liveId);
    return used;
  }

  #record(worker: WorkerEntry): WorkerRecord {
    const { workerId, incarnation, address, state, capacity, load, zone, version } = worker;
    const used = this.#used(worker);
    return {
      ...{ workerId, incarnation, address, state, capacity, used, load, zone, version },
      alive: this.#holdsLease(worker),
    };
  }
}

function placementOf({ liveId, workerId, incarnation, address, epoch }: LiveRun): Placement {
  return { liveId, workerId, incarnation, address, epoch };
}
