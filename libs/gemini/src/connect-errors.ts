import { ParleyError, type ErrorKind } from '@parley/kernel';
import { classifyLoss, type LossVerdict } from './close-classifier.js';
import type { SocketEnd } from './provider-socket.js';
import { redactReason } from './redact.js';

/** How far an attempt to connect got. */
export type ConnectStage = 'credentials' | 'upgrade' | 'setup';

export function cancelled(): ParleyError {
  return new ParleyError('provider_unavailable', 'The connection to the model was cancelled.', {
    kind: 'unavailable',
    details: { cancelled: true },
  });
}

export function timedOut(stage: ConnectStage, timeoutMs: number): ParleyError {
  return new ParleyError('provider_unavailable', `The model did not answer within ${timeoutMs} ms.`, {
    kind: 'deadline_exceeded',
    retryable: true,
    details: { stage },
  });
}

export function protocolBroken(what: string): ParleyError {
  return new ParleyError('provider_unavailable', what, { kind: 'unavailable', retryable: true });
}

/** The socket ended, or never opened, before the set-up was accepted. */
export function lostBeforeSetup(end: SocketEnd): ParleyError {
  const { kind, errorCode, closeCode, reason, httpStatus } = classifyLoss({ phase: 'connect', ...end });
  return new ParleyError(errorCode, messageOf(errorCode), {
    kind: errorKind(errorCode, httpStatus),
    retryable: kind === 'retryable',
    ...(end.retryAfterMs === undefined ? {} : { retryAfterMs: end.retryAfterMs }),
    details: { closeCode, reason, ...(httpStatus === undefined ? {} : { httpStatus }) },
  });
}

/** Before there is a socket, what the SDK throws comes from fetching credentials; after, from writing the set-up. */
export function refusedBySdk(stage: ConnectStage, thrown: unknown): ParleyError {
  const reason = redactReason(thrown instanceof Error ? thrown.message : String(thrown));
  if (stage !== 'credentials') {
    return new ParleyError('provider_config', 'The set-up could not be written for the model.', {
      kind: 'failed_precondition',
      details: { stage, reason },
    });
  }
  const passing = /ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|socket hang up|network|fetch failed/i.test(reason);
  return new ParleyError(
    passing ? 'provider_unavailable' : 'provider_config',
    'Credentials for the model could not be obtained.',
    { kind: passing ? 'unavailable' : 'unauthenticated', retryable: passing, details: { stage, reason } },
  );
}

function messageOf(errorCode: LossVerdict['errorCode']): string {
  if (errorCode === 'provider_config')
    return 'The model refused the connection: check its set-up and credentials.';
  if (errorCode === 'provider_quota') return 'The model refused the connection: its quota is used up.';
  return 'The model could not be reached.';
}

function errorKind(errorCode: LossVerdict['errorCode'], httpStatus: number | undefined): ErrorKind {
  if (errorCode === 'provider_quota') return 'resource_exhausted';
  if (errorCode === 'provider_unavailable') return 'unavailable';
  if (httpStatus === 401) return 'unauthenticated';
  if (httpStatus === 403) return 'permission_denied';
  if (httpStatus === 404) return 'not_found';
  return 'failed_precondition';
}
