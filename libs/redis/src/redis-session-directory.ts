import {
  BURIAL_MS,
  RESERVATION_MS,
  type LiveRunClaim,
  type PlaceRequest,
  type Placement,
  type PlacementResult,
  type SessionDirectory,
} from '@parley/placement';
import type { ControlRedis } from './control-redis.js';
import { ACTIVATE_SESSION } from './scripts/activate-session.lua.js';
import { FIND_SESSION } from './scripts/find-session.lua.js';
import { PLACE_SESSION } from './scripts/place-session.lua.js';
import { REASSERT_SESSION } from './scripts/reassert-session.lua.js';
import { RELEASE_SESSION } from './scripts/release-session.lua.js';
import { SWEEP } from './scripts/sweep.lua.js';
import { assertSlots } from './slots.js';

/** Reservations that one script run releases at most. */
const SWEEP_BATCH = 200;

export class RedisSessionDirectory implements SessionDirectory {
  readonly #redis: ControlRedis;
  readonly #reservationMs: number;

  constructor(redis: ControlRedis, options: { readonly reservationMs?: number } = {}) {
    this.#redis = redis;
    this.#reservationMs = options.reservationMs ?? RESERVATION_MS;
  }

  async place(request: PlaceRequest): Promise<PlacementResult> {
    assertSlots('cost', request.cost);
    const { liveId, scope, tenantId, cost, candidates } = request;
    const { keys } = this.#redis;
    const [kind, ...grant] = await this.#redis.run(
      PLACE_SESSION,
      [
        keys.liveRun(liveId),
        keys.scope(scope),
        ...candidates.flatMap((id) => [keys.worker(id), keys.workerRuns(id)]),
      ],
      [liveId, scope, tenantId, cost, this.#reservationMs, ...candidates],
    );
    if (kind === 'placed' || kind === 'existing') return { kind, ...placement(grant) };
    return { kind: 'full' };
  }

  async activate(liveId: string, epoch: number): Promise<'active' | 'stale'> {
    const [answer] = await this.#redis.run(
      ACTIVATE_SESSION,
      [this.#redis.keys.liveRun(liveId)],
      [liveId, epoch],
    );
    return answer === 'active' ? 'active' : 'stale';
  }

  async release(liveId: string, epoch: number): Promise<'released' | 'stale' | 'gone'> {
    const [answer] = await this.#redis.run(
      RELEASE_SESSION,
      [this.#redis.keys.liveRun(liveId)],
      [liveId, epoch],
    );
    return answer === 'released' || answer === 'stale' ? answer : 'gone';
  }

  async reassert(claim: LiveRunClaim): Promise<'active' | 'superseded' | 'unregistered'> {
    assertSlots('cost', claim.cost);
    const { liveId, scope, tenantId, cost, workerId, incarnation, epoch } = claim;
    const { keys } = this.#redis;
    const [answer] = await this.#redis.run(
      REASSERT_SESSION,
      [keys.liveRun(liveId), keys.scope(scope), keys.worker(workerId), keys.workerRuns(workerId)],
      [liveId, scope, tenantId, cost, workerId, incarnation, epoch],
    );
    return answer === 'active' || answer === 'superseded' ? answer : 'unregistered';
  }

  async find(liveId: string): Promise<(Placement & { readonly state: 'reserved' | 'active' }) | undefined> {
    const [state, ...grant] = await this.#redis.run(
      FIND_SESSION,
      [this.#redis.keys.liveRun(liveId)],
      [liveId],
    );
    return state === 'reserved' || state === 'active' ? { ...placement(grant), state } : undefined;
  }

  async sweep(): Promise<number> {
    let swept = 0;
    for (;;) {
      const [batch] = await this.#redis.run(SWEEP, [], [SWEEP_BATCH, BURIAL_MS]);
      swept += Number(batch);
      if (Number(batch) < SWEEP_BATCH) return swept;
    }
  }
}

function placement([liveId = '', workerId = '', incarnation = '', address = '', epoch]: readonly string[]) {
  return { liveId, workerId, incarnation, address, epoch: Number(epoch) } satisfies Placement;
}
