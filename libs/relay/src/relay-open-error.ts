import { ParleyError, type ErrorKind } from '@parley/kernel';
import { ERROR_TABLE } from '@parley/wire';
import type { Refusal } from './link-message.js';

/**
 * What an `open` failed of, as evidence for who must decide whether the worker is dead:
 * - `refused`: the worker lives and does not want the run; the code is the worker's own.
 * - `other_worker`, `other_incarnation`: the address answers, and the process that was meant is gone.
 * - `connection_refused`: the host answers, nobody listens.
 * - `unreachable`: no connection, or it broke on the way.
 * - `deadline`: no answer in time.
 * - `handshake`: the two could not agree on version or secret.
 * - `channel_closed`: the worker closed the channel instead of answering.
 * - `client_closed`: this client is closed.
 */
export type OpenFailure =
  | 'refused'
  | 'other_worker'
  | 'other_incarnation'
  | 'connection_refused'
  | 'unreachable'
  | 'deadline'
  | 'handshake'
  | 'channel_closed'
  | 'client_closed';

export class RelayOpenError extends ParleyError {
  readonly failure: OpenFailure;

  constructor(failure: OpenFailure, refusal: Refusal, cause?: unknown) {
    const { code, message, retryAfterMs } = refusal;
    super(code, message, {
      kind: KINDS[failure],
      retryable: ERROR_TABLE[code].retryable,
      details: { failure },
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(cause === undefined ? {} : { cause }),
    });
    this.failure = failure;
  }
}

const KINDS: Readonly<Record<OpenFailure, ErrorKind>> = {
  refused: 'failed_precondition',
  other_worker: 'unavailable',
  other_incarnation: 'unavailable',
  connection_refused: 'unavailable',
  unreachable: 'unavailable',
  deadline: 'deadline_exceeded',
  handshake: 'internal',
  channel_closed: 'unavailable',
  client_closed: 'unavailable',
};

export function workerLost(failure: OpenFailure, cause?: unknown): RelayOpenError {
  return new RelayOpenError(
    failure,
    { code: 'worker_lost', message: 'The worker of this session could not be reached.' },
    cause,
  );
}
