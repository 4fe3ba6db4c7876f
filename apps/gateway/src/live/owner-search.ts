import { sleep, toParleyError, type Clock, type ErrorCode, type Log } from '@parley/kernel';
import {
  SESSION_COST,
  sessionScope,
  type Placement,
  type SessionDirectory,
  type SessionPlacer,
  type WorkerRegistry,
} from '@parley/placement';
import { RelayOpenError, type FrameChannel, type OpenFailure, type RelayClient } from '@parley/relay';
import type { ClientGrant } from '@parley/tenancy';
import { refusals } from './refusals.js';

/** How often the evidence is looked at anew. */
export const SEARCH_PERIOD_MS = 250;
/** A worker that does not answer a dial within this is out of reach for now. */
export const DIAL_DEADLINE_MS = 300;
/** One refused connection may be a restart of something between; two, so far apart, are not. */
export const SECOND_DIAL_MS = 150;
/** A worker that shook hands may have a run to take up before it answers. */
const OPEN_DEADLINE_MS = 5_000;
/** How long a worker that holds its lease may be out of reach before it is asked to let the run go. */
export const REQUEST_MOVE_MS = 3_000;
/** ... and before the run is taken from it. */
export const FORCE_MOVE_MS = 8_000;

export interface OwnerSearchParts {
  readonly relay: Pick<RelayClient, 'open'>;
  readonly directory: Pick<SessionDirectory, 'find'>;
  readonly registry: Pick<WorkerRegistry, 'declareDead' | 'requestMove'>;
  readonly placer: Pick<SessionPlacer, 'place' | 'move'>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface LostRun {
  readonly grant: ClientGrant;
  readonly liveId: string;
  /** Where it was last. */
  readonly placement: Placement;
  /** `dial`: try there first. `find`: ask the directory first, because the run is known to have moved on. */
  readonly first: 'dial' | 'find';
  readonly attach: number;
  readonly deadlineMs: number;
  /** What opens the run, asked for at each try. */
  readonly opening: () => Uint8Array;
  /** Ends the search. */
  readonly signal: AbortSignal;
}

export interface FoundOwner {
  readonly placement: Placement;
  readonly channel: FrameChannel;
}

type Step = 'dial' | 'find' | 'place';

const CERTAINLY_GONE: readonly OpenFailure[] = ['connection_refused', 'other_incarnation', 'other_worker'];
/** What may be otherwise at the next look, or at another worker; any other refusal is the answer. */
const PASSING: readonly ErrorCode[] = [
  'worker_lost',
  'draining',
  'capacity_exhausted',
  'control_plane_unavailable',
  'internal',
];
/** Old owner, directory, new owner, and once more: what one look does without a pause. */
const STEPS_PER_LOOK = 4;

/**
 * Finds who runs a live run whose owner was lost, or makes someone run it. Level-triggered: at each look it acts on what
 * it sees now, so that nothing depends on an event that may be missed.
 *
 * 1. A worker is declared dead only when its port refuses twice or another process answers there. Silence alone takes a
 *    run only from a worker whose lease is gone, or after it was asked to let go (3 s, then by force at 8 s).
 * 2. While the control plane is away or all workers are full it keeps looking, at the worker of before too.
 * 3. It ends with an open channel, or rejects: `session_not_found` for a run that has ended, with the refusal of an
 *    owner that does not want this attach, or `worker_lost` after `deadlineMs` or once the signal aborts.
 */
export class OwnerSearch {
  readonly #parts: OwnerSearchParts;
  readonly #run: LostRun;
  readonly #startedMs: number;
  #placement: Placement;
  #next: Step;
  #moveRequestedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: OwnerSearchParts, run: LostRun) {
    this.#parts = parts;
    this.#run = run;
    this.#placement = run.placement;
    this.#next = run.first;
    this.#startedMs = parts.clock.monotonicMs();
  }

  async found(): Promise<FoundOwner> {
    const { clock } = this.#parts;
    const { signal } = this.#run;
    for (;;) {
      const lookedMs = clock.monotonicMs();
      const channel = await this.#look();
      if (channel && !signal.aborted) return { placement: this.#placement, channel };
      channel?.close('detached');
      if (signal.aborted || this.#elapsedMs() >= this.#run.deadlineMs) throw refusals.workerLost();
      await sleep(clock, SEARCH_PERIOD_MS - (clock.monotonicMs() - lookedMs), signal);
      if (signal.aborted) throw refusals.workerLost();
    }
  }

  #elapsedMs(): number {
    return this.#parts.clock.monotonicMs() - this.#startedMs;
  }

  async #look(): Promise<FrameChannel | undefined> {
    for (let steps = 0; steps < STEPS_PER_LOOK; steps += 1) {
      const step = this.#next;
      // unless this step says otherwise, the next one begins where the run was last
      this.#next = 'dial';
      const done = await this.#take(step);
      if (done === 'again') return undefined;
      if (done !== 'go on') return done;
    }
    return undefined;
  }

  async #take(step: Step): Promise<FrameChannel | 'go on' | 'again'> {
    try {
      switch (step) {
        case 'dial':
          return await this.#dial();
        case 'find':
          return await this.#find();
        case 'place':
          return await this.#place();
      }
    } catch (thrown) {
      const error = toParleyError(thrown);
      if (!PASSING.includes(error.code)) throw error;
      this.#parts.log.debug('a lost run is not found yet', {
        liveId: this.#run.liveId,
        step,
        code: error.code,
        details: error.details,
      });
      return 'again';
    }
  }

  async #dial(): Promise<FrameChannel | 'go on'> {
    let failure = await this.#open();
    if (failure === 'connection_refused') {
      await sleep(this.#parts.clock, SECOND_DIAL_MS, this.#run.signal);
      failure = await this.#open();
    }
    if (typeof failure !== 'string') return failure;
    if (CERTAINLY_GONE.includes(failure)) {
      const { workerId, incarnation } = this.#placement;
      await this.#parts.registry.declareDead(workerId, incarnation, { certain: true });
    }
    this.#next = failure === 'refused' ? 'find' : 'place';
    return 'go on';
  }

  /** A channel, or what it failed of. Throws refusals that are final. */
  async #open(): Promise<FrameChannel | OpenFailure> {
    const { address, workerId, incarnation, epoch } = this.#placement;
    try {
      return await this.#parts.relay.open({
        address,
        workerId,
        expectIncarnation: incarnation,
        liveId: this.#run.liveId,
        epoch,
        attach: this.#run.attach + 1,
        payload: this.#run.opening(),
        dialDeadlineMs: DIAL_DEADLINE_MS,
        deadlineMs: OPEN_DEADLINE_MS,
      });
    } catch (thrown) {
      if (!(thrown instanceof RelayOpenError) || !PASSING.includes(thrown.code)) throw thrown;
      return thrown.failure;
    }
  }

  /** While the directory is away, what is known already has to do. */
  async #find(): Promise<'go on'> {
    const { directory } = this.#parts;
    const run = await directory.find(this.#run.liveId).catch(() => this.#placement);
    if (run === undefined || ('state' in run && run.state === 'orphaned')) this.#next = 'place';
    else this.#placement = run;
    return 'go on';
  }

  async #place(): Promise<'go on' | 'again'> {
    const { liveId, grant } = this.#run;
    const placed = await this.#parts.placer.place({
      liveId,
      scope: sessionScope(grant),
      tenantId: grant.tenantId,
      cost: SESSION_COST,
    });
    // its session has another live run by now: this one can not be had any more
    if (placed.liveId !== liveId) throw refusals.callOver();
    const same = isSame(placed, this.#placement);
    this.#placement = placed;
    return same ? await this.#loosen() : 'go on';
  }

  /** The directory names the owner that is out of reach: it holds its lease. */
  async #loosen(): Promise<'go on' | 'again'> {
    const { registry, placer, clock } = this.#parts;
    const { liveId } = this.#run;
    const { workerId, epoch } = this.#placement;
    const elapsedMs = this.#elapsedMs();
    if (elapsedMs < REQUEST_MOVE_MS) return 'again';
    if (elapsedMs < FORCE_MOVE_MS) {
      if (clock.monotonicMs() - this.#moveRequestedMs < REQUEST_MOVE_MS) return 'again';
      this.#moveRequestedMs = clock.monotonicMs();
      await registry.requestMove(workerId, liveId);
      return 'again';
    }
    const moved = await placer.move(liveId, epoch);
    switch (moved.kind) {
      case 'moved':
      case 'stale':
        this.#placement = moved;
        return 'go on';
      case 'full':
        return 'again';
      case 'gone':
        throw refusals.callOver();
    }
  }
}

export function isSame(one: Placement, other: Placement): boolean {
  return (
    one.workerId === other.workerId && one.incarnation === other.incarnation && one.epoch === other.epoch
  );
}
