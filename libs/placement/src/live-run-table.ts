import type { Clock } from '@parley/kernel';
import type { Placement, PlacementTimes } from './session-directory.js';
import type { WorkerMailbox } from './worker-mailbox.js';
import type { WorkerState } from './worker-registry.js';

export interface WorkerEntry {
  readonly workerId: string;
  readonly incarnation: string;
  readonly address: string;
  readonly zone: string;
  readonly version: number;
  readonly capacity: number;
  state: WorkerState;
  load: number;
  leaseEndsMs: number;
  /** Ids of the live runs that count against it. */
  readonly runs: Set<string>;
  readonly mailbox: WorkerMailbox;
}

export interface LiveRun extends Placement {
  readonly scope: string;
  readonly cost: number;
  state: 'reserved' | 'active' | 'orphaned';
  /** Whether it has been active, under this epoch or an earlier one: there is a conversation to be kept. */
  begun: boolean;
  /** Of the reservation, or of the orphan; without meaning while it is active. */
  deadlineMs: number;
}

interface Ended {
  /** The lowest epoch under which an owner may claim the run again. */
  readonly claimableFrom: number;
  readonly untilMs: number;
}

/**
 * The live runs of `InMemoryPlacement`, and what becomes of them as time passes.
 *
 * 1. A run is in its worker's `runs` exactly while it is reserved or active.
 * 2. What time has done to a run is done when somebody looks at it (`current`), as of the moment when it was due: when
 *    a run is looked at changes nothing.
 */
export class LiveRunTable {
  readonly #runs = new Map<string, LiveRun>();
  readonly #liveIdByScope = new Map<string, string>();
  readonly #ended = new Map<string, Ended>();
  #epoch = 0;
  readonly #workers: ReadonlyMap<string, WorkerEntry>;
  readonly #clock: Clock;
  readonly #times: PlacementTimes;

  constructor(workers: ReadonlyMap<string, WorkerEntry>, clock: Clock, times: PlacementTimes) {
    this.#workers = workers;
    this.#clock = clock;
    this.#times = times;
  }

  /** The run as it is now; undefined for what has ended or was never begun. */
  current(liveId: string | undefined): LiveRun | undefined {
    const run = liveId === undefined ? undefined : this.#runs.get(liveId);
    if (!run) return undefined;
    const lostAtMs = this.#lostAtMs(run);
    if (lostAtMs !== undefined) this.leave(run, lostAtMs);
    if (run.state === 'orphaned' && run.deadlineMs <= this.#nowMs()) this.end(run, run.epoch);
    return this.#runs.get(run.liveId);
  }

  currentOfScope(scope: string): LiveRun | undefined {
    return this.current(this.#liveIdByScope.get(scope));
  }

  /** Undefined when the run has not ended, or is forgotten. */
  claimableFrom(liveId: string): number | undefined {
    const ended = this.#ended.get(liveId);
    return ended && ended.untilMs > this.#nowMs() ? ended.claimableFrom : undefined;
  }

  nextEpoch(): number {
    this.#epoch = Math.max(this.#epoch + 1, this.#clock.nowMs() * 1_000);
    return this.#epoch;
  }

  raiseEpoch(epoch: number): void {
    this.#epoch = Math.max(this.#epoch, epoch);
  }

  cost(liveId: string): number {
    return this.#runs.get(liveId)?.cost ?? 0;
  }

  /** Writes a run down on its worker, in the place of what stood there under this id or this scope. */
  write(run: LiveRun): void {
    const before = this.#runs.get(run.liveId);
    if (before) this.#forget(before);
    this.#ended.delete(run.liveId);
    this.#runs.set(run.liveId, run);
    this.#liveIdByScope.set(run.scope, run.liveId);
    const worker = this.#workers.get(run.workerId);
    worker?.runs.add(run.liveId);
    worker?.mailbox.cancel(run.liveId);
  }

  /** Its worker has it no more. */
  leave(run: LiveRun, sinceMs: number): void {
    if (!run.begun) return this.#forget(run);
    this.#uncount(run.liveId);
    run.state = 'orphaned';
    run.deadlineMs = sinceMs + this.#times.orphanMs;
  }

  /** Over for good, unless an owner with at least that epoch still runs it. What never began leaves no trace. */
  end(run: LiveRun, claimableFrom: number): void {
    this.#forget(run);
    if (!run.begun) return;
    this.#ended.set(run.liveId, { claimableFrom, untilMs: this.#nowMs() + this.#times.endedMs });
  }

  /** Looks at every reservation that ran out; returns how many they are. */
  sweepReservations(): number {
    return this.#look((run) => run.state === 'reserved' && run.deadlineMs <= this.#nowMs());
  }

  /** Ends the orphans that nobody wanted; returns how many they are. */
  sweepOrphans(): number {
    for (const [liveId, { untilMs }] of this.#ended) if (untilMs <= this.#nowMs()) this.#ended.delete(liveId);
    return this.#look((run) => run.state === 'orphaned' && run.deadlineMs <= this.#nowMs());
  }

  /** What the worker runs is orphaned. */
  abandon(worker: WorkerEntry, sinceMs: number): void {
    for (const liveId of worker.runs) {
      const run = this.#runs.get(liveId);
      if (run) this.leave(run, Math.min(sinceMs, this.#lostAtMs(run) ?? sinceMs));
    }
  }

  #look(due: (run: LiveRun) => boolean): number {
    const found = [...this.#runs.values()].filter(due);
    for (const run of found) this.current(run.liveId);
    return found.length;
  }

  /** When its worker ceased to have it; undefined while it has it, and for orphans. */
  #lostAtMs(run: LiveRun): number | undefined {
    if (run.state === 'orphaned') return undefined;
    const nowMs = this.#nowMs();
    const leaseEndsMs = this.#workers.get(run.workerId)?.leaseEndsMs ?? nowMs;
    const lostAtMs = run.state === 'reserved' ? Math.min(leaseEndsMs, run.deadlineMs) : leaseEndsMs;
    return lostAtMs <= nowMs ? lostAtMs : undefined;
  }

  #forget(run: LiveRun): void {
    this.#uncount(run.liveId);
    this.#runs.delete(run.liveId);
    if (this.#liveIdByScope.get(run.scope) === run.liveId) this.#liveIdByScope.delete(run.scope);
  }

  #uncount(liveId: string): void {
    const run = this.#runs.get(liveId);
    const worker = run && this.#workers.get(run.workerId);
    if (worker?.runs.delete(liveId)) worker.mailbox.cancel(liveId);
  }

  #nowMs(): number {
    return this.#clock.monotonicMs();
  }
}
