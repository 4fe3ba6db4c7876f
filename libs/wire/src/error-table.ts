import type { ErrorCode, ParleyError } from '@parley/kernel';

/** What a caller should do about an error. */
export type ErrorAdvice = 'fix' | 'new_token' | 'new_session' | 'retry' | 'resume' | 'stop';

export type ErrorType =
  'invalid_request' | 'auth' | 'permission' | 'quota' | 'capacity' | 'provider' | 'tool' | 'internal';

export interface ErrorRow {
  readonly type: ErrorType;
  readonly http: number;
  /** `message`: answered, and the connection goes on. `connection`: answered, then closed with `close`. */
  readonly scope: 'message' | 'connection';
  readonly close: number;
  readonly retryable: boolean;
  readonly advice: ErrorAdvice;
}

const row = (
  type: ErrorType,
  http: number,
  scope: ErrorRow['scope'],
  close: number,
  advice: ErrorAdvice,
  retryable = advice === 'retry' || advice === 'resume',
): ErrorRow => ({ type, http, scope, close, retryable, advice });

/** The one table: code → HTTP status, WebSocket close code, whether the connection goes on, advice. */
export const ERROR_TABLE: Readonly<Record<ErrorCode, ErrorRow>> = {
  malformed_json: row('invalid_request', 400, 'message', 4400, 'fix'),
  malformed_frame: row('invalid_request', 400, 'message', 4400, 'fix'),
  unknown_type: row('invalid_request', 400, 'message', 4400, 'fix'),
  invalid_message: row('invalid_request', 400, 'message', 4400, 'fix'),
  frame_too_large: row('invalid_request', 413, 'message', 1009, 'fix'),
  unsupported_audio: row('invalid_request', 415, 'message', 4415, 'fix'),
  unsupported_version: row('invalid_request', 400, 'connection', 4415, 'fix'),
  rate_limited: row('quota', 429, 'message', 4429, 'retry'),
  unauthenticated: row('auth', 401, 'connection', 4401, 'new_token'),
  token_expired: row('auth', 401, 'connection', 4401, 'new_token'),
  forbidden: row('permission', 403, 'connection', 4403, 'stop'),
  hello_timeout: row('auth', 408, 'connection', 4408, 'retry'),
  superseded: row('permission', 409, 'connection', 4409, 'stop'),
  not_found: row('invalid_request', 404, 'message', 4404, 'fix'),
  session_not_found: row('invalid_request', 404, 'connection', 4404, 'new_session'),
  agent_not_found: row('invalid_request', 404, 'connection', 4404, 'fix'),
  invalid_config: row('invalid_request', 422, 'connection', 4400, 'fix'),
  session_busy: row('invalid_request', 409, 'connection', 4409, 'stop'),
  capacity_exhausted: row('capacity', 503, 'connection', 4503, 'retry'),
  control_plane_unavailable: row('capacity', 503, 'connection', 4503, 'retry'),
  slow_consumer: row('quota', 429, 'connection', 4413, 'resume'),
  draining: row('capacity', 503, 'connection', 4503, 'resume'),
  max_duration: row('quota', 403, 'connection', 4440, 'new_session'),
  max_turns: row('quota', 403, 'connection', 4440, 'new_session'),
  idle_timeout: row('quota', 408, 'connection', 4441, 'new_session'),
  budget_spent: row('quota', 402, 'connection', 4442, 'new_session'),
  provider_config: row('provider', 422, 'connection', 4502, 'fix'),
  provider_quota: row('provider', 429, 'connection', 4502, 'retry'),
  provider_unavailable: row('provider', 502, 'connection', 4502, 'resume'),
  tool_failed: row('tool', 502, 'message', 4500, 'retry'),
  tool_timeout: row('tool', 504, 'message', 4500, 'retry'),
  tool_backend_unavailable: row('tool', 503, 'message', 4500, 'retry'),
  worker_lost: row('internal', 503, 'connection', 4500, 'resume'),
  internal: row('internal', 500, 'connection', 4500, 'resume'),
};

/** Closes that are no errors. */
export const CLOSE_NORMAL = 1000;
export const CLOSE_GOING_AWAY = 1001;

/** The error as it stands in a message to a client. */
export interface WireError {
  readonly type: ErrorType;
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  /** True when the connection ends with this error. */
  readonly fatal: boolean;
  readonly details?: Readonly<Record<string, unknown>>;
  /** The `id` of the client's message that this answers. */
  readonly ref?: string;
  readonly requestId?: string;
}

export function toWireError(
  error: ParleyError,
  context: { ref?: string; requestId?: string; fatal?: boolean } = {},
): WireError {
  const entry = ERROR_TABLE[error.code];
  return {
    type: entry.type,
    code: error.code,
    message: error.message,
    // a provider says itself whether trying again helps: a spent quota and a short one have the same code
    retryable: entry.type === 'provider' ? error.retryable : error.retryable || entry.retryable,
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    fatal: context.fatal ?? entry.scope === 'connection',
    ...(Object.keys(error.details).length === 0 ? {} : { details: error.details }),
    ...(context.ref === undefined ? {} : { ref: context.ref }),
    ...(context.requestId === undefined ? {} : { requestId: context.requestId }),
  };
}
