import { ParleyError } from '@parley/kernel';
import { PROTOCOL_VERSION } from '@parley/wire';

/** What a gateway tells its clients on its own account. */
export const refusals = {
  helloTimeout: () =>
    new ParleyError('hello_timeout', 'No hello within 10 s.', { kind: 'deadline_exceeded' }),

  secondHello: () =>
    new ParleyError('invalid_message', 'hello was said already.', { kind: 'invalid_argument' }),

  unsupportedVersion: () =>
    new ParleyError('unsupported_version', `This server speaks version ${PROTOCOL_VERSION}.`, {
      kind: 'invalid_argument',
      details: { min: PROTOCOL_VERSION, max: PROTOCOL_VERSION },
    }),

  noHello: () =>
    new ParleyError('unauthenticated', 'Say hello with a token first.', { kind: 'unauthenticated' }),

  notReady: () =>
    new ParleyError('invalid_message', 'Wait for "ready".', { kind: 'failed_precondition', retryable: true }),

  tooManyMessages: () =>
    new ParleyError('rate_limited', 'Too many messages.', {
      kind: 'resource_exhausted',
      retryable: true,
      retryAfterMs: 1_000,
    }),

  agentBehind: () =>
    new ParleyError('rate_limited', 'The agent is too far behind.', {
      kind: 'resource_exhausted',
      retryable: true,
      retryAfterMs: 1_000,
    }),

  slowConsumer: () =>
    new ParleyError('slow_consumer', 'The client does not keep up.', { kind: 'resource_exhausted' }),

  superseded: () =>
    new ParleyError('superseded', 'Another connection took the session over.', {
      kind: 'failed_precondition',
    }),

  workerLost: () =>
    new ParleyError('worker_lost', 'The worker that ran the session is gone.', {
      kind: 'unavailable',
      retryable: true,
    }),

  callOver: () => new ParleyError('session_not_found', 'The call is over.', { kind: 'not_found' }),

  draining: () =>
    new ParleyError('draining', 'The gateway is going away; connect again.', {
      kind: 'unavailable',
      retryable: true,
    }),
} as const;
