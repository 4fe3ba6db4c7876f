import { randomUUID } from 'node:crypto';
import type { SettingsOf, workerSettings } from '@parley/config';
import { BullToolJobs } from '@parley/jobs';
import { systemClock, type Log } from '@parley/kernel';
import { loadAgents } from '@parley/live';
import type { Readiness } from '@parley/nest';
import { SLOT, WorkerLease, type WorkerState } from '@parley/placement';
import {
  ControlRedis,
  queueConnectionOptions,
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
import { SessionHost } from './sessions/session-host.js';
import { WorkerLoad } from './sessions/worker-load.js';

const CONNECT_DEADLINE_MS = 10_000;

interface WorkerParts {
  readonly host: SessionHost;
  readonly relay: RelayServer;
  readonly redis: ControlRedis;
  readonly database: Database;
  readonly toolJobs: BullToolJobs;
}

/**
 * A worker, put together: the sessions it hosts, the link by which gateways reach them, and its lease.
 *
 * 1. It registers only once its link listens, so that whoever finds it can reach it.
 * 2. `close` drains: no new placements, every run ended and stored, then the connections. Idempotent.
 */
export class WorkerProcess implements Readiness {
  readonly #parts: WorkerParts;
  readonly #lease: WorkerLease;
  #state: WorkerState = 'ready';
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
    const artifacts =
      settings.artifactsDir === undefined
        ? undefined
        : await openArtifactFolder(settings.artifactsDir, clock);
    const database = await openDatabase({ url: settings.databaseUrl, clock, log });
    const redis = new ControlRedis({
      url: settings.redisUrl,
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
    const directory = new RedisSessionDirectory(redis);
    const sessions = new SqlSessionService(database);
    const host = new SessionHost({
      agents,
      model,
      sessions,
      ...(artifacts ? { artifacts } : {}),
      seal: new AesResumptionSeal(settings.linkSecret),
      toolJobs,
      directory,
      metrics,
      clock,
      log,
    });
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
    const worker = new WorkerProcess({ host, relay, redis, database, toolJobs }, (state) => {
      const load = new WorkerLoad();
      // the relay shows the first incarnation from the start; later ones are told to it
      let firstIncarnation: string | undefined = incarnation;
      return new WorkerLease({
        registry: new RedisWorkerRegistry(redis),
        workerId,
        address: `${settings.advertisedHost ?? settings.host}:${port}`,
        capacity: settings.capacity * SLOT,
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
          const ratio = load.read();
          metrics.set('live_worker_load_ratio', {}, ratio);
          return { state: state(), load: ratio };
        },
        reassert: (current) => host.reassert(workerId, current),
        onFenced: () => host.close('error'),
      });
    });
    await worker.#lease.start();
    return worker;
  }

  private constructor(parts: WorkerParts, makeLease: (state: () => WorkerState) => WorkerLease) {
    this.#parts = parts;
    this.#lease = makeLease(() => this.#state);
  }

  notReady(): string | undefined {
    return this.#state === 'draining' ? 'draining' : undefined;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { host, relay, redis, database, toolJobs } = this.#parts;
    this.#state = 'draining';
    await this.#lease.beatNow();
    await host.close('drain');
    await this.#lease.close();
    await relay.close();
    await toolJobs.close();
    redis.close();
    await database.close();
  }
}
