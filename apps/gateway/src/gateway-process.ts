import { randomUUID } from 'node:crypto';
import type { gatewaySettings, SettingsOf } from '@parley/config';
import { systemClock, type Log } from '@parley/kernel';
import { loadAgents, type AgentCatalog, type SessionService } from '@parley/live';
import type { Readiness } from '@parley/nest';
import { SessionPlacer } from '@parley/placement';
import { ControlRedis, redisTopology, RedisSessionDirectory, RedisWorkerRegistry } from '@parley/redis';
import { RelayClient } from '@parley/relay';
import { openDatabase, SqlSessionService, SqlTenantStore, type Database } from '@parley/sql';
import type { Metrics } from '@parley/telemetry';
import { ApiKeys, JoseClientTokens, JoseResumeTokens, type ClientTokens } from '@parley/tenancy';
import { LiveStreams } from './fallback/live-streams.js';
import { WriterLines } from './fallback/writer-lines.js';
import { CallOpener } from './live/call-opener.js';
import { LiveCalls } from './live/live-calls.js';

const CONNECT_DEADLINE_MS = 10_000;
/** How often what nobody wants is cleared away: reservations that ran out, and orphaned runs. */
const SWEEP_MS = 2_000;

interface GatewayParts {
  readonly agents: AgentCatalog;
  readonly sessions: SessionService;
  readonly keys: ApiKeys;
  readonly tokens: ClientTokens;
  readonly calls: LiveCalls;
  readonly streams: LiveStreams;
  readonly relay: RelayClient;
  readonly redis: ControlRedis;
  readonly database: Database;
}

/**
 * A gateway, put together. It ends in two steps: `drain` lets the clients go, then `close` closes what it opened.
 */
export class GatewayProcess implements Readiness {
  readonly parts: GatewayParts;
  readonly #stopSweeping: () => void;
  /** What the newest sweep came to: whether the control plane can be reached. */
  readonly #sweeps: { failed: boolean };
  #draining = false;

  /** Throws `ParleyError` when a part can not be had: Redis, SQL, the agents, the signing key. */
  static async start(
    settings: SettingsOf<typeof gatewaySettings>,
    metrics: Metrics,
    log: Log,
  ): Promise<GatewayProcess> {
    const clock = systemClock;
    const random = Math.random;
    const agents = await loadAgents(settings.agentsDir);
    const tokens = await JoseClientTokens.create({ signingKey: settings.tokenKey, clock });
    const database = await openDatabase({ url: settings.databaseUrl, clock, log });
    const redis = new ControlRedis({
      url: settings.redisUrl,
      topology: redisTopology(settings),
      commandTimeoutMs: settings.redisTimeoutMs,
      clock,
      random,
      log,
    });
    await redis.whenConnected(CONNECT_DEADLINE_MS);
    const relay = new RelayClient({ gatewayId: randomUUID(), secret: settings.linkSecret, clock, log });
    const directory = new RedisSessionDirectory(redis);
    const registry = new RedisWorkerRegistry(redis);
    const policy = { mode: settings.placement, zone: settings.zone };
    const placer = new SessionPlacer({ registry, directory, clock, random, policy });
    const resumeTokens = new JoseResumeTokens({ secret: settings.linkSecret, clock });
    const shared = { relay, directory, registry, placer, resumeTokens, metrics, clock, log };
    const calls = new LiveCalls(
      {
        opener: new CallOpener({ ...shared, tokens }),
        resumeTokens,
        detachWindowMs: settings.detachWindowS * 1_000,
        metrics,
        clock,
        log,
      },
      settings.handshakesPerSecond,
    );
    const writers = new WriterLines({ tokens: resumeTokens, directory, relay, clock });
    const streams = new LiveStreams({ calls, writers, clock });
    const sessions = new SqlSessionService(database);
    const keys = new ApiKeys({ store: new SqlTenantStore(database), clock });
    const sweeps = { failed: false };
    const stopSweeping = clock.every(SWEEP_MS, () => {
      directory.sweep().then(
        () => (sweeps.failed = false),
        (error: unknown) => {
          sweeps.failed = true;
          log.debug('nothing was swept', { error });
        },
      );
    });
    return new GatewayProcess(
      { agents, sessions, keys, tokens, calls, streams, relay, redis, database },
      stopSweeping,
      sweeps,
    );
  }

  private constructor(parts: GatewayParts, stopSweeping: () => void, sweeps: { failed: boolean }) {
    this.parts = parts;
    this.#stopSweeping = stopSweeping;
    this.#sweeps = sweeps;
  }

  /** Without Redis a gateway is ready all the same, for the calls there are; it only can not place new ones. */
  notReady(scope?: string): string | undefined {
    if (this.#draining) return 'draining';
    const away = this.#sweeps.failed || !this.parts.redis.connected;
    return scope === 'placement' && away ? 'control_plane_unavailable' : undefined;
  }

  /** First step of the end: resolves when the clients have gone elsewhere, or their time is over. */
  async drain(withinMs: number): Promise<void> {
    this.#draining = true;
    await this.parts.calls.drain(withinMs);
    this.parts.streams.close();
  }

  /** Last step, once the HTTP server is closed. */
  async close(): Promise<void> {
    this.#stopSweeping();
    this.parts.relay.close();
    this.parts.redis.close();
    await this.parts.database.close();
  }
}
