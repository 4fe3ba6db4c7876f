/** Every code that a caller of Parley can see. `wire`'s error table says what each one means on a transport. */
export const ERROR_CODES = [
  // the message or the connection is not understood
  'malformed_json',
  'malformed_frame',
  'unknown_type',
  'invalid_message',
  'frame_too_large',
  'unsupported_audio',
  'unsupported_version',
  'rate_limited',
  // who is asking
  'unauthenticated',
  'token_expired',
  'forbidden',
  'hello_timeout',
  'superseded',
  // what is asked for
  'not_found',
  'session_not_found',
  'agent_not_found',
  'invalid_config',
  'session_busy',
  // room
  'capacity_exhausted',
  'control_plane_unavailable',
  'slow_consumer',
  'draining',
  // caps of a session
  'max_duration',
  'max_turns',
  'idle_timeout',
  'budget_spent',
  // behind us
  'provider_config',
  'provider_quota',
  'provider_unavailable',
  'tool_failed',
  'tool_timeout',
  'tool_backend_unavailable',
  'worker_lost',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];
