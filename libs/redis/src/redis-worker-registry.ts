import type {
  Heartbeat,
  HeartbeatReply,
  PlacementTimes,
  WorkerCommands,
  WorkerRecord,
  WorkerRegistration,
  WorkerRegistry,
  WorkerState,
} from '@parley/placement';
import type { ControlRedis } from './control-redis.js';
import { PlacementScripts } from './placement-scripts.js';
import { DECLARE_WORKER_DEAD } from './scripts/declare-worker-dead.lua.js';
import { DEREGISTER_WORKER } from './scripts/deregister-worker.lua.js';
import { HEARTBEAT_WORKER } from './scripts/heartbeat-worker.lua.js';
import { LIST_CANDIDATES, LIST_WORKERS, WORKER_FIELDS } from './scripts/list-workers.lua.js';
import { REGISTER_WORKER } from './scripts/register-worker.lua.js';
import { REQUEST_MOVE } from './scripts/request-move.lua.js';
import { assertSlots } from './slots.js';

export class RedisWorkerRegistry implements WorkerRegistry {
  readonly #scripts: PlacementScripts;

  constructor(redis: ControlRedis, times: Partial<PlacementTimes> = {}) {
    this.#scripts = new PlacementScripts(redis, times);
  }

  async register(worker: WorkerRegistration): Promise<'registered' | 'duplicate'> {
    assertSlots('capacity', worker.capacity);
    const { workerId, incarnation, address, capacity, leaseMs } = worker;
    const { state = 'ready', zone = '', version = 1 } = worker;
    const [answer] = await this.#scripts.run(REGISTER_WORKER, this.#workerKeys(workerId), [
      ...[workerId, incarnation, address, capacity, leaseMs, state, zone, version],
    ]);
    return answer === 'registered' ? 'registered' : 'duplicate';
  }

  async heartbeat(beat: Heartbeat): Promise<HeartbeatReply> {
    const { workerId, incarnation, leaseMs, state, load, heard = 0 } = beat;
    const [answer, used, lapsed, ...told] = await this.#scripts.run(
      HEARTBEAT_WORKER,
      [...this.#workerKeys(workerId), this.#scripts.keys.commands(workerId)],
      [workerId, incarnation, leaseMs, state, load, heard],
    );
    if (answer === 'ok') return { kind: 'ok', used: Number(used), lapsed: lapsed === '1', ...commands(told) };
    return { kind: answer === 'fenced' ? 'fenced' : 'unknown' };
  }

  async deregister(workerId: string, incarnation: string): Promise<void> {
    await this.#scripts.run(DEREGISTER_WORKER, this.#workerKeys(workerId), [workerId, incarnation]);
  }

  async declareDead(
    workerId: string,
    incarnation: string,
    { certain }: { readonly certain: boolean },
  ): Promise<'dead' | 'alive' | 'other'> {
    const [answer] = await this.#scripts.run(DECLARE_WORKER_DEAD, this.#workerKeys(workerId), [
      ...[workerId, incarnation, certain ? 1 : 0],
    ]);
    return answer === 'dead' || answer === 'alive' ? answer : 'other';
  }

  async requestMove(workerId: string, liveId: string): Promise<void> {
    const { keys } = this.#scripts;
    await this.#scripts.run(
      REQUEST_MOVE,
      [keys.liveRun(liveId), keys.worker(workerId), keys.commands(workerId)],
      [liveId, workerId],
    );
  }

  async candidates(limit: number): Promise<readonly WorkerRecord[]> {
    return records(await this.#scripts.run(LIST_CANDIDATES, [], [limit]));
  }

  async list(): Promise<readonly WorkerRecord[]> {
    const workers = records(await this.#scripts.run(LIST_WORKERS, [], []));
    return workers.sort((a, b) => (a.workerId < b.workerId ? -1 : 1));
  }

  #workerKeys(workerId: string): readonly string[] {
    return [this.#scripts.keys.worker(workerId), this.#scripts.keys.workerRuns(workerId)];
  }
}

/** Three fields each: number, kind, liveId. */
function commands(told: readonly string[]): WorkerCommands {
  const liveIds = { revoked: [] as string[], wanted: [] as string[] };
  let serial = 0;
  for (let i = 0; i < told.length; i += 3) {
    const [number, kind, liveId = ''] = told.slice(i, i + 3);
    serial = Math.max(serial, Number(number));
    liveIds[kind === 'wanted' ? 'wanted' : 'revoked'].push(liveId);
  }
  return { serial, revoked: liveIds.revoked.sort(), wanted: liveIds.wanted.sort() };
}

function records(reply: readonly string[]): WorkerRecord[] {
  const workers: WorkerRecord[] = [];
  for (let i = 0; i < reply.length; i += WORKER_FIELDS) {
    const fields = reply.slice(i, i + WORKER_FIELDS);
    const [workerId = '', incarnation = '', address = '', state, capacity, used, load] = fields;
    const [zone = '', version, alive] = fields.slice(7);
    workers.push({
      ...{ workerId, incarnation, address, zone },
      state: workerState(state),
      capacity: Number(capacity),
      used: Number(used),
      load: Number(load),
      version: Number(version),
      alive: alive === '1',
    });
  }
  return workers;
}

/** A state that this version does not know takes no sessions. */
function workerState(text: string | undefined): WorkerState {
  return text === 'ready' || text === 'draining' ? text : 'full';
}
