import { randomUUID } from 'node:crypto';
import type { gatewaySettings, SettingsOf } from '@parley/config';
import { systemClock, type Log } from '@parley/kernel';
import { loadAgents, type AgentCatalog, type SessionService } from '@parley/live';
import type { Readiness } from '@parley/nest';
import { SessionPlacer } from '@parley/placement';
import { ControlRedis, RedisSessionDirectory, RedisWorkerRegistry } from '@parley/redis';
import { RelayClient } from '@parley/relay';
import { openDatabase, SqlSessionService, SqlTenantStore, type Database } from '@parley/sql';
import type { Metrics } from '@parley/telemetry';
import { ApiKeys, JoseClientTokens, type ClientTokens } from '@parley/tenancy';
import { CallOpener } from './live/call-opener.js';
import { LiveCalls } from './live/live-calls.js';

const CONNECT_DEADLINE_MS = 10_000;
/** How often reservations that nobody activated are given back. */
const SWEEP_MS = 2_000;

interface GatewayParts {
  readonly agents: AgentCatalog;
  readonly sessions: SessionService;
  readonly keys: ApiKeys;
  readonly tokens: ClientTokens;
  readonly calls: LiveCalls;
  readonly relay: RelayClient;
  readonly redis: ControlRedis;
  readonly database: Database;
}

/**
 * A gateway, put together. `close` ends every client connection with `draining`, then closes what it opened.
 */
export class GatewayProcess implements Readiness {
  readonly parts: GatewayParts;
  readonly #stopSweeping: () => void;
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
      commandTimeoutMs: settings.redisTimeoutMs,
      clock,
      random,
      log,
    });
    await redis.whenConnected(CONNECT_DEADLINE_MS);
    const relay = new RelayClient({ gatewayId: randomUUID(), secret: settings.linkSecret, clock, log });
    const directory = new RedisSessionDirectory(redis);
    const placer = new SessionPlacer({ registry: new RedisWorkerRegistry(redis), directory, clock, random });
    const opener = new CallOpener({ tokens, placer, relay, metrics, clock });
    const calls = new LiveCalls({ opener, metrics, clock, log }, settings.handshakesPerSecond);
    const sessions = new SqlSessionService(database);
    const keys = new ApiKeys({ store: new SqlTenantStore(database), clock });
    const stopSweeping = clock.every(SWEEP_MS, () => {
      directory.sweep().catch((error: unknown) => log.debug('reservations were not swept', { error }));
    });
    return new GatewayProcess(
      { agents, sessions, keys, tokens, calls, relay, redis, database },
      stopSweeping,
    );
  }

  private constructor(parts: GatewayParts, stopSweeping: () => void) {
    this.parts = parts;
    this.#stopSweeping = stopSweeping;
  }

  notReady(): string | undefined {
    return this.#draining ? 'draining' : undefined;
  }

  /** First step of the end: clients are told to go. */
  drain(): void {
    this.#draining = true;
    this.parts.calls.close();
  }

  /** Last step, once the HTTP server is closed. */
  async close(): Promise<void> {
    this.#stopSweeping();
    this.parts.relay.close();
    this.parts.redis.close();
    await this.parts.database.close();
  }
}
