import { randomUUID } from 'node:crypto';
import type { SettingsOf, workerSettings } from '@parley/config';
import { BullToolJobs } from '@parley/jobs';
import { ParleyError, systemClock, type Log } from '@parley/kernel';
import { loadAgents } from '@parley/live';
import type { Readiness } from '@parley/nest';
import { LoadState, SessionPlacer, SLOT, WorkerLease } from '@parley/placement';
import {
  ControlRedis,
  queueConnectionOptions,
  redisTopology,
  RedisRunJournal,
  RedisSessionDirectory,
  RedisWorkerRegistry,
} from '@parley/redis';
import { RelayServer } from '@parley/relay';
import { openDatabase, SqlSessionService, type Database } from '@parley/sql';
import type { Metrics } from '@parley/telemetry';
import { openArtifactFolder } from './artifact-folder.js';
import { AesResumptionSeal } from './models/aes-resumption-seal.js';
import { liveModelOf } from './models/live-model.js';
import { showCounters } from './models/model-metrics.js';
import { ResumeBarrier } from './sessions/resume-barrier.js';
import { SessionHost } from './sessions/session-host.js';
import { WorkerLoad } from './sessions/worker-load.js';

const CONNECT_DEADLINE_MS = 10_000;

interface WorkerParts {
  readonly host: SessionHost;
  readonly barrier: ResumeBarrier;
  readonly load: WorkerLoad;
  readonly relay: RelayServer;
  readonly redis: ControlRedis;
  readonly database: Database;
  readonly toolJobs: BullToolJobs;
}

/**
 * A worker, put together: the sessions it hosts, the link by which gateways reach them, and its lease.
 *
 * 1. It registers only once its link listens, so that whoever finds it can reach it.
 * 2. `close` drains: no new placements, every run moved away, then the connections. Idempotent.
 * 3. When this process has stood still, nothing leaves it until the registry has said that it was not replaced.
 */
export class WorkerProcess implements Readiness {
  readonly #parts: WorkerParts;
  readonly #lease: WorkerLease;
  #draining = false;
  #closing: Promise<void> | undefined;

  /** Throws `ParleyError` when a part can not be had: Redis, SQL, the agents, the folder for files, the provider's settings. */
  static async start(
    settings: SettingsOf<typeof workerSettings>,
    metrics: Metrics,
    log: Log,
  ): Promise<WorkerProcess> {
    const clock = systemClock;
    const random = Math.random;
    const workerId = settings.workerId ?? randomUUID();
    const incarnation = randomUUID();
    const agents = await loadAgents(settings.agentsDir);
    const model = liveModelOf(settings, clock, log);
    await model.verify();
    showCounters(metrics, model.counters);
    const topology = redisTopology(settings);
    if (topology && settings.queueRedisUrl === undefined) throw queueNeedsItsOwn();
    const artifacts =
      settings.artifactsDir === undefined
        ? undefined
        : await openArtifactFolder(settings.artifactsDir, clock);
    const database = await openDatabase({ url: settings.databaseUrl, clock, log });
    const redis = new ControlRedis({
      url: settings.redisUrl,
      topology,
      commandTimeoutMs: settings.redisTimeoutMs,
      clock,
      random,
      log,
    });
    await redis.whenConnected(CONNECT_DEADLINE_MS);
    const toolJobs = new BullToolJobs({
      connection: queueConnectionOptions(settings.queueRedisUrl ?? settings.redisUrl, random),
      clock,
      log,
    });
    const registry = new RedisWorkerRegistry(redis);
    const directory = new RedisSessionDirectory(redis);
    const placer = new SessionPlacer({ registry, directory, clock, random });
    // whoever sends asks the barrier, and the barrier the lease: each is there before the first run is
    const late: { barrier?: ResumeBarrier; lease?: WorkerLease } = {};
    const host = new SessionHost({
      workerId,
      agents,
      model,
      sessions: new SqlSessionService(database),
      ...(artifacts ? { artifacts } : {}),
      seal: new AesResumptionSeal(settings.linkSecret),
      toolJobs,
      directory,
      journal: new RedisRunJournal(redis),
      move: (liveId, epoch) => placer.move(liveId, epoch, [workerId]),
      detachWindowMs: settings.detachWindowS * 1_000,
      drainMs: settings.drainS * 1_000,
      mayLeave: () => late.barrier?.look() ?? true,
      ...(settings.development ? { onCrash: () => void process.kill(process.pid, 'SIGKILL') } : {}),
      metrics,
      clock,
      log,
    });
    const barrier = new ResumeBarrier({
      clock,
      confirm: async () => void (await late.lease?.whenRenewed()),
      onHold: () => {
        metrics.count('live_barrier_holds_total', {});
        log.warn('this process stood still: nothing leaves until its lease is confirmed');
        host.hold();
      },
      onRelease: () => host.release(),
    });
    late.barrier = barrier;
    const relay = new RelayServer({
      workerId,
      incarnation,
      secrets: [settings.linkSecret],
      onOpen: (channel, payload) => host.open(channel, payload),
      clock,
      log,
    });
    const { port } = await relay.listen({ host: settings.host, port: settings.linkPort });
    metrics.set('live_worker_slots_capacity', {}, settings.capacity);
    const load = new WorkerLoad();
    const parts = { host, barrier, load, relay, redis, database, toolJobs };
    const worker = new WorkerProcess(parts, (isDraining) => {
      const loadState = new LoadState();
      // the relay shows the first incarnation from the start; later ones are told to it
      let firstIncarnation: string | undefined = incarnation;
      return new WorkerLease({
        registry,
        workerId,
        address: `${settings.advertisedHost ?? settings.host}:${port}`,
        capacity: settings.capacity * SLOT,
        zone: settings.zone,
        clock,
        random,
        log,
        newIncarnation: () => {
          const given = firstIncarnation ?? randomUUID();
          if (firstIncarnation === undefined) relay.reincarnate(given);
          firstIncarnation = undefined;
          return given;
        },
        report: () => {
          const reading = load.read();
          metrics.set('live_worker_load_ratio', {}, reading.load);
          const state = loadState.update(reading, clock.monotonicMs());
          return { state: isDraining() ? 'draining' : state, load: reading.load };
        },
        reassert: (current) => host.reassert(current),
        onFenced: () => host.dropAll(),
        onRevoked: (liveIds) => host.revoked(liveIds),
        onWanted: (liveIds) => host.wanted(liveIds),
      });
    });
    late.lease = worker.#lease;
    await worker.#lease.start();
    return worker;
  }

  private constructor(parts: WorkerParts, makeLease: (isDraining: () => boolean) => WorkerLease) {
    this.#parts = parts;
    this.#lease = makeLease(() => this.#draining);
  }

  notReady(): string | undefined {
    return this.#draining ? 'draining' : undefined;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { host, barrier, load, relay, redis, database, toolJobs } = this.#parts;
    this.#draining = true;
    await this.#lease.beatNow();
    await host.drain();
    await this.#lease.close();
    barrier.close();
    load.close();
    await relay.close();
    await toolJobs.close();
    redis.close();
    await database.close();
  }
}

/** BullMQ finds no master by itself, and its scripts do not run on a cluster of ours. */
function queueNeedsItsOwn(): ParleyError {
  const message =
    'With REDIS_SENTINELS or REDIS_CLUSTER the tool jobs need a Redis of their own: set QUEUE_REDIS_URL.';
  return new ParleyError('invalid_config', message, { kind: 'failed_precondition' });
}
