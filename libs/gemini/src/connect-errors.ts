import { ParleyError } from '@parley/kernel';
import { classifyLoss, errorKindOf, type LossVerdict } from './close-classifier.js';
import type { SocketEnd } from './provider-socket.js';
import { redactReason } from './redact.js';

const NO_CLOSE_FRAME = 1006;

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
export function lostBeforeSetup(stage: ConnectStage, end: SocketEnd): ParleyError {
  const verdict = classifyLoss({ phase: 'connect', ...end });
  const { about, kind, errorCode, closeCode, reason, httpStatus } = verdict;
  // What the provider said when it closed. Without a close frame the reason is the network's, which names addresses.
  const said = closeCode === NO_CLOSE_FRAME || reason === '' ? '' : ` It said: ${reason}`;
  return new ParleyError(errorCode, messageOf(errorCode) + said, {
    kind: errorKindOf(verdict),
    retryable: kind === 'retryable',
    ...(end.retryAfterMs === undefined ? {} : { retryAfterMs: end.retryAfterMs }),
    details: { stage, about, closeCode, reason, ...(httpStatus === undefined ? {} : { httpStatus }) },
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
