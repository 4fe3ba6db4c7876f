import { sleep, toParleyError, type Clock, type Log } from '@parley/kernel';
import type { MoveResult } from '@parley/placement';
import type { Metrics } from '@parley/telemetry';
import type { HostedSession } from './hosted-session.js';
import type { SlotRelease } from './slot-release.js';

/** Of the time that a drain may take: how long a run may wait for a moment at which nobody is cut off. */
const SAFE_PART = 0.75;
/** And how long somebody is looked for who has room. */
const MOVE_PART = 0.9;
const AGAIN_MS = 1_000;

export interface RunMoverOptions {
  /** Gives the run to another worker: `SessionDirectory.move`, with candidates. */
  readonly move: (liveId: string, epoch: number) => Promise<MoveResult>;
  /** How long a drain may take. */
  readonly drainMs: number;
  readonly slots: SlotRelease;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
}

export type MoveOutcome = 'moved' | 'moved_before' | 'ended' | 'no_room';

/**
 * Moves runs to other workers, each when it cuts nobody off.
 *
 * 1. The run is another worker's before it ends here, so that one which nobody takes goes on here; it ends here, and is
 *    stored, before its gateway is told where it goes on.
 * 2. A run is moved once at a time: who asks meanwhile gets the same answer.
 */
export class RunMover {
  readonly #options: RunMoverOptions;
  readonly #moving = new Map<HostedSession, Promise<MoveOutcome>>();

  constructor(options: RunMoverOptions) {
    this.#options = options;
  }

  /** Whether the run is on its way: what the registry says of it is no news. */
  isMoving(run: HostedSession): boolean {
    return this.#moving.has(run);
  }

  /** Never rejects. `safeMs`: how long it may wait for its moment. After `no_room` the run goes on here. */
  move(run: HostedSession, safeMs = SAFE_PART * this.#options.drainMs): Promise<MoveOutcome> {
    const known = this.#moving.get(run);
    if (known) return known;
    const moving = this.#move(run, safeMs).then((outcome) => {
      this.#moving.delete(run);
      this.#options.metrics.count('live_moves_total', { outcome });
      return outcome;
    });
    this.#moving.set(run, moving);
    return moving;
  }

  async #move(run: HostedSession, safeMs: number): Promise<MoveOutcome> {
    const { clock, drainMs } = this.#options;
    const startedMs = clock.monotonicMs();
    for (;;) {
      await run.whenMovable(startedMs + safeMs - clock.monotonicMs());
      if (run.ending) break;
      const outcome = await this.#try(run);
      if (outcome !== 'full') return outcome;
      if (clock.monotonicMs() + AGAIN_MS > startedMs + MOVE_PART * drainMs) return 'no_room';
      await sleep(clock, AGAIN_MS);
    }
    await run.done;
    return 'ended';
  }

  async #try(run: HostedSession): Promise<MoveOutcome | 'full'> {
    const { slots } = this.#options;
    await run.prepareMove();
    const answer = await this.#ask(run);
    if (answer.kind === 'full') {
      run.stay();
      return 'full';
    }
    if (run.ending || (answer.kind !== 'moved' && answer.kind !== 'stale')) {
      // over for the directory, or for its client, before it could go
      run.end('superseded');
      await run.done;
      if (answer.kind === 'moved') await slots.release(run.liveId, answer.epoch);
      return 'ended';
    }
    const { liveId, workerId, incarnation, address, epoch } = answer;
    await run.moveTo({ liveId, workerId, incarnation, address, epoch });
    return answer.kind === 'moved' ? 'moved' : 'moved_before';
  }

  async #ask({ liveId, epoch }: HostedSession): Promise<MoveResult> {
    const { log, move } = this.#options;
    try {
      return await move(liveId, epoch);
    } catch (error) {
      log.warn('a run could not be moved yet', { liveId, code: toParleyError(error).code });
      return { kind: 'full' };
    }
  }
}
