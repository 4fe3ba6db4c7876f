import { Body, Controller, HttpCode, HttpStatus, Inject, Post, Req, UseGuards } from '@nestjs/common';
import type { gatewaySettings, SettingsOf } from '@parley/config';
import { newId, ParleyError, type Clock } from '@parley/kernel';
import { parseRunConfig, type AgentCatalog, type SessionKey, type SessionService } from '@parley/live';
import type { ClientTokens, Principal } from '@parley/tenancy';
import { LIVE_PATH, SOCKET_IO_NAMESPACE } from '@parley/wire';
import { z } from 'zod';
import { AGENTS, CLIENT_TOKENS, CLOCK, SESSIONS, SETTINGS } from '../tokens.js';
import { ApiKeyGuard, FromTenant } from './api-key.guard.js';

const name = z.string().min(1).max(128);

const createSession = z.strictObject({
  agent: name,
  /** Default: a new, anonymous user. */
  userId: name.optional(),
  /** A session to call again; without it a new one is made. */
  sessionId: name.optional(),
  runConfig: z.record(z.string(), z.unknown()).default({}),
});

interface CreatedSession {
  readonly sessionId: string;
  readonly agent: string;
  readonly userId: string;
  /** Opens one call; short-lived. */
  readonly clientToken: string;
  /** RFC 3339. */
  readonly expiresAt: string;
  readonly urls: { readonly webSocket: string; readonly socketIo: string };
}

interface Addressed {
  readonly protocol: string;
  get(header: string): string | undefined;
}

@Controller('v1/sessions')
@UseGuards(ApiKeyGuard)
export class SessionsController {
  readonly #agents: AgentCatalog;
  readonly #sessions: SessionService;
  readonly #tokens: ClientTokens;
  readonly #settings: SettingsOf<typeof gatewaySettings>;
  readonly #clock: Clock;

  constructor(
    @Inject(AGENTS) agents: AgentCatalog,
    @Inject(SESSIONS) sessions: SessionService,
    @Inject(CLIENT_TOKENS) tokens: ClientTokens,
    @Inject(SETTINGS) settings: SettingsOf<typeof gatewaySettings>,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#agents = agents;
    this.#sessions = sessions;
    this.#tokens = tokens;
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Admits a call and answers how to open it; the connection places it. */
  @Post()
  @HttpCode(HttpStatus.CREATED)
  async create(
    @FromTenant() principal: Principal,
    @Body() body: unknown,
    @Req() request: Addressed,
  ): Promise<CreatedSession> {
    const wanted = readBody(body);
    if (!this.#agents.has(wanted.agent)) {
      throw new ParleyError('agent_not_found', `There is no agent "${wanted.agent}".`, {
        kind: 'not_found',
        details: { known: [...this.#agents.keys()] },
      });
    }
    parseRunConfig(wanted.runConfig);
    const key = await this.#session({
      tenantId: principal.tenantId,
      appName: wanted.agent,
      userId: wanted.userId ?? newId('usr'),
      ...(wanted.sessionId === undefined ? {} : { sessionId: wanted.sessionId }),
    });
    const lifetimeMs = this.#settings.tokenLifetimeS * 1_000;
    const clientToken = await this.#tokens.issue({ ...key, runConfig: wanted.runConfig }, lifetimeMs);
    return {
      sessionId: key.sessionId,
      agent: key.appName,
      userId: key.userId,
      clientToken,
      expiresAt: new Date(this.#clock.nowMs() + lifetimeMs).toISOString(),
      urls: addressesFor(request),
    };
  }

  async #session(
    wanted: Omit<SessionKey, 'sessionId'> & { readonly sessionId?: string },
  ): Promise<SessionKey> {
    if (wanted.sessionId === undefined) {
      const key: SessionKey = { ...wanted, sessionId: newId('ses') };
      await this.#sessions.createSession(key);
      return key;
    }
    const key: SessionKey = { ...wanted, sessionId: wanted.sessionId };
    if (await this.#sessions.getSession(key, { numRecentEvents: 0 })) return key;
    throw new ParleyError('session_not_found', 'This user has no such session with this agent.', {
      kind: 'not_found',
    });
  }
}

function readBody(body: unknown): z.output<typeof createSession> {
  const parsed = createSession.safeParse(body);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);
  throw new ParleyError('invalid_message', `The body is not valid: ${problems.join('; ')}`, {
    kind: 'invalid_argument',
    details: { problems },
  });
}

function addressesFor(request: Addressed): CreatedSession['urls'] {
  const host = request.get('host') ?? 'localhost';
  const secure = request.protocol === 'https';
  return {
    webSocket: `${secure ? 'wss' : 'ws'}://${host}${LIVE_PATH}`,
    socketIo: `${secure ? 'https' : 'http'}://${host}${SOCKET_IO_NAMESPACE}`,
  };
}
