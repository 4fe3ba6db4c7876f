import {
  type Heartbeat,
  type HeartbeatReply,
  type WorkerRecord,
  type WorkerRegistration,
  type WorkerRegistry,
  type WorkerState,
} from '@parley/placement';
import type { ControlRedis } from './control-redis.js';
import { DEREGISTER_WORKER } from './scripts/deregister-worker.lua.js';
import { HEARTBEAT_WORKER } from './scripts/heartbeat-worker.lua.js';
import { LIST_CANDIDATES, LIST_WORKERS, WORKER_FIELDS } from './scripts/list-workers.lua.js';
import { REGISTER_WORKER } from './scripts/register-worker.lua.js';
import { assertSlots } from './slots.js';

export class RedisWorkerRegistry implements WorkerRegistry {
  readonly #redis: ControlRedis;

  constructor(redis: ControlRedis) {
    this.#redis = redis;
  }

  async register(worker: WorkerRegistration): Promise<'registered' | 'duplicate'> {
    assertSlots('capacity', worker.capacity);
    const { workerId, incarnation, address, capacity, leaseMs, state = 'ready' } = worker;
    const [answer] = await this.#redis.run(REGISTER_WORKER, this.#workerKeys(workerId), [
      ...[workerId, incarnation, address, capacity, leaseMs, state],
    ]);
    return answer === 'registered' ? 'registered' : 'duplicate';
  }

  async heartbeat(beat: Heartbeat): Promise<HeartbeatReply> {
    const { workerId, incarnation, leaseMs, state, load } = beat;
    const [answer, used] = await this.#redis.run(
      HEARTBEAT_WORKER,
      [this.#redis.keys.worker(workerId)],
      [workerId, incarnation, leaseMs, state, load],
    );
    if (answer === 'ok') return { kind: 'ok', used: Number(used) };
    return { kind: answer === 'fenced' ? 'fenced' : 'unknown' };
  }

  async deregister(workerId: string, incarnation: string): Promise<void> {
    await this.#redis.run(DEREGISTER_WORKER, this.#workerKeys(workerId), [workerId, incarnation]);
  }

  async candidates(limit: number): Promise<readonly WorkerRecord[]> {
    return records(await this.#redis.run(LIST_CANDIDATES, [], [limit]));
  }

  async list(): Promise<readonly WorkerRecord[]> {
    const workers = records(await this.#redis.run(LIST_WORKERS, [], []));
    return workers.sort((a, b) => (a.workerId < b.workerId ? -1 : 1));
  }

  #workerKeys(workerId: string): readonly string[] {
    return [this.#redis.keys.worker(workerId), this.#redis.keys.workerRuns(workerId)];
  }
}

function records(reply: readonly string[]): WorkerRecord[] {
  const workers: WorkerRecord[] = [];
  for (let i = 0; i < reply.length; i += WORKER_FIELDS) {
    const [workerId = '', incarnation = '', address = '', state, capacity, used, load, alive] = reply.slice(
      i,
      i + WORKER_FIELDS,
    );
    workers.push({
      workerId,
      incarnation,
      address,
      state: workerState(state),
      capacity: Number(capacity),
      used: Number(used),
      load: Number(load),
      alive: alive === '1',
    });
  }
  return workers;
}

/** A state that this version does not know takes no sessions. */
function workerState(text: string | undefined): WorkerState {
  return text === 'ready' || text === 'draining' ? text : 'full';
}
