import { ParleyError, type ErrorCode } from '@parley/kernel';
import { ERROR_TABLE, LIVE_PATH, SOCKET_IO_NAMESPACE } from '@parley/wire';

export interface AgentSummary {
  readonly name: string;
  readonly description: string;
  readonly modalities: readonly string[];
  readonly tools: readonly { readonly name: string; readonly description: string }[];
  /** Its model is an imitation on this machine, not Google's. */
  readonly emulated: boolean;
}

export interface SessionRequest {
  readonly agent: string;
  readonly userId: string;
  /** Calls a session again; without it a new one is made. */
  readonly sessionId?: string;
  /** ADK's RunConfig, as far as the server lets clients choose. */
  readonly runConfig?: Readonly<Record<string, unknown>>;
}

/** Leave to make one call soon: the token expires, and may be used once. */
export interface SessionGrant {
  readonly sessionId: string;
  readonly agent: string;
  readonly userId: string;
  readonly clientToken: string;
  /** Absolute. */
  readonly urls: { readonly webSocket: string; readonly socketIo: string };
}

/**
 * What a caller needs of Parley's REST interface. Rejects with `ParleyError`: the server's code, or
 * `control_plane_unavailable` when no server answers.
 */
export class ParleyApi {
  readonly #baseUrl: string;
  readonly #apiKey: string;

  constructor(options: { readonly baseUrl: string; readonly apiKey: string }) {
    this.#baseUrl = options.baseUrl;
    this.#apiKey = options.apiKey;
  }

  async listAgents(): Promise<AgentSummary[]> {
    const body = await this.#request('GET', '/v1/agents');
    const agents = Array.isArray(body['agents']) ? body['agents'] : [];
    return agents.map(asRecord).map((agent) => ({
      name: asText(agent['name']),
      description: asText(agent['description']),
      modalities: asList(agent['modalities']).map(asText),
      tools: asList(agent['tools']).map((tool) => ({
        name: asText(asRecord(tool)['name'] ?? tool),
        description: asText(asRecord(tool)['description']),
      })),
      emulated: agent['emulated'] === true,
    }));
  }

  async createSession(request: SessionRequest): Promise<SessionGrant> {
    const body = await this.#request('POST', '/v1/sessions', request);
    const urls = asRecord(body['urls']);
    const absolute = (url: unknown, path: string, secure: string, plain: string): string => {
      const resolved = new URL(asText(url) || path, this.#baseUrl);
      if (resolved.protocol === 'https:') resolved.protocol = secure;
      if (resolved.protocol === 'http:') resolved.protocol = plain;
      return resolved.href;
    };
    return {
      sessionId: asText(body['sessionId']),
      agent: asText(body['agent']) || request.agent,
      userId: asText(body['userId']) || request.userId,
      clientToken: asText(body['clientToken']),
      urls: {
        webSocket: absolute(urls['webSocket'], LIVE_PATH, 'wss:', 'ws:'),
        socketIo: absolute(urls['socketIo'], SOCKET_IO_NAMESPACE, 'https:', 'http:'),
      },
    };
  }

  async #request(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    let response: Response;
    try {
      response = await fetch(new URL(path, this.#baseUrl), {
        method,
        headers: {
          authorization: `Bearer ${this.#apiKey}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (cause) {
      throw new ParleyError('control_plane_unavailable', `No server answers at ${this.#baseUrl}.`, {
        kind: 'unavailable',
        retryable: true,
        cause,
      });
    }
    const value: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw requestError(response, asRecord(value));
    return asRecord(value);
  }
}

const CODES_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_message',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'session_busy',
  422: 'invalid_config',
  429: 'rate_limited',
  503: 'capacity_exhausted',
};

/** Reads RFC 9457 problem details; a body that is none leaves the status. */
function requestError(response: Response, problem: Record<string, unknown>): ParleyError {
  const given = problem['code'];
  const code =
    typeof given === 'string' && Object.hasOwn(ERROR_TABLE, given)
      ? (given as ErrorCode)
      : (CODES_BY_STATUS[response.status] ?? 'internal');
  const message = asText(problem['detail']) || asText(problem['title']) || `HTTP status ${response.status}.`;
  const waitSeconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ParleyError(code, message, {
    kind: 'failed_precondition',
    retryable: ERROR_TABLE[code].retryable,
    ...(waitSeconds > 0 ? { retryAfterMs: waitSeconds * 1000 } : {}),
  });
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
