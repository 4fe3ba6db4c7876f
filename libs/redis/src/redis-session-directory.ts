import {
  BURIAL_MS,
  type FoundRun,
  type LiveRunClaim,
  type MoveRequest,
  type MoveResult,
  type PlaceRequest,
  type Placement,
  type PlacementResult,
  type PlacementTimes,
  type SessionDirectory,
} from '@parley/placement';
import type { ControlRedis } from './control-redis.js';
import { PlacementScripts } from './placement-scripts.js';
import { ACTIVATE_SESSION } from './scripts/activate-session.lua.js';
import { FIND_SESSION } from './scripts/find-session.lua.js';
import { MOVE_SESSION } from './scripts/move-session.lua.js';
import { PLACE_SESSION } from './scripts/place-session.lua.js';
import { REASSERT_SESSION } from './scripts/reassert-session.lua.js';
import { RELEASE_SESSION } from './scripts/release-session.lua.js';
import { SWEEP } from './scripts/sweep.lua.js';
import { assertSlots } from './slots.js';

/** What one script run clears away at most, of each kind: bounds the time that it keeps Redis. */
const SWEEP_BATCH = 200;

export class RedisSessionDirectory implements SessionDirectory {
  readonly #scripts: PlacementScripts;

  constructor(redis: ControlRedis, times: Partial<PlacementTimes> = {}) {
    this.#scripts = new PlacementScripts(redis, times);
  }

  async place(request: PlaceRequest): Promise<PlacementResult> {
    assertSlots('cost', request.cost);
    const { liveId, scope, tenantId, cost, candidates } = request;
    const { keys } = this.#scripts;
    const [kind, ...grant] = await this.#scripts.run(
      PLACE_SESSION,
      [keys.liveRun(liveId), keys.ended(liveId), keys.scope(scope), ...this.#candidateKeys(candidates)],
      [liveId, scope, tenantId, cost, ...candidates],
    );
    if (kind === 'placed' || kind === 'existing') return { kind, ...placement(grant) };
    return { kind: kind === 'ended' ? 'ended' : 'full' };
  }

  async move({ liveId, epoch, candidates }: MoveRequest): Promise<MoveResult> {
    const [kind, ...grant] = await this.#scripts.run(
      MOVE_SESSION,
      [this.#scripts.keys.liveRun(liveId), ...this.#candidateKeys(candidates)],
      [liveId, epoch, ...candidates],
    );
    if (kind === 'moved' || kind === 'stale') return { kind, ...placement(grant) };
    return { kind: kind === 'gone' ? 'gone' : 'full' };
  }

  async activate(liveId: string, epoch: number): Promise<'active' | 'stale'> {
    const [answer] = await this.#scripts.run(
      ACTIVATE_SESSION,
      [this.#scripts.keys.liveRun(liveId)],
      [liveId, epoch],
    );
    return answer === 'active' ? 'active' : 'stale';
  }

  async release(liveId: string, epoch: number): Promise<'released' | 'stale' | 'gone'> {
    const [answer] = await this.#scripts.run(
      RELEASE_SESSION,
      [this.#scripts.keys.liveRun(liveId)],
      [liveId, epoch],
    );
    return answer === 'released' || answer === 'stale' ? answer : 'gone';
  }

  async reassert(claim: LiveRunClaim): Promise<'active' | 'superseded' | 'unregistered'> {
    assertSlots('cost', claim.cost);
    const { liveId, scope, tenantId, cost, workerId, incarnation, epoch } = claim;
    const { keys } = this.#scripts;
    const [answer] = await this.#scripts.run(
      REASSERT_SESSION,
      [
        ...[keys.liveRun(liveId), keys.ended(liveId), keys.scope(scope)],
        ...[keys.worker(workerId), keys.workerRuns(workerId)],
      ],
      [liveId, scope, tenantId, cost, workerId, incarnation, epoch],
    );
    return answer === 'active' || answer === 'superseded' ? answer : 'unregistered';
  }

  async find(liveId: string): Promise<FoundRun | undefined> {
    const [state, ...grant] = await this.#scripts.run(
      FIND_SESSION,
      [this.#scripts.keys.liveRun(liveId)],
      [liveId],
    );
    if (state !== 'reserved' && state !== 'active' && state !== 'orphaned') return undefined;
    return { ...placement(grant), state };
  }

  async sweep(): Promise<number> {
    let swept = 0;
    for (;;) {
      const [batch, more] = await this.#scripts.run(SWEEP, [], [SWEEP_BATCH, BURIAL_MS]);
      swept += Number(batch);
      if (more !== '1') return swept;
    }
  }

  #candidateKeys(candidates: readonly string[]): readonly string[] {
    const { keys } = this.#scripts;
    return candidates.flatMap((id) => [keys.worker(id), keys.workerRuns(id)]);
  }
}

function placement([liveId = '', workerId = '', incarnation = '', address = '', epoch]: readonly string[]) {
  return { liveId, workerId, incarnation, address, epoch: Number(epoch) } satisfies Placement;
}
