import type { ErrorCode, ErrorKind } from '@parley/kernel';
import { redactReason } from './redact.js';

/** What is known of a connection that ended without our asking. */
export interface ConnectionLoss {
  /** `connect` until the model has accepted the set-up. */
  readonly phase: 'connect' | 'session';
  /** As the `ws` library reports it: 1006 when there was no close frame. */
  readonly closeCode: number;
  /** Close reason, or the message of what went wrong; may still contain secrets. */
  readonly reason: string;
  /** Answer to the upgrade, when it was refused. */
  readonly httpStatus?: number;
  /** Node's error code, such as `ECONNREFUSED`. */
  readonly systemCode?: string;
}

/** What has to change before the same attempt can succeed. */
export type LossSubject = 'credentials' | 'quota' | 'model' | 'config' | 'service';

export interface LossVerdict {
  /** `retryable`: a new connection may work; `fatal`: the same set-up fails again. */
  readonly kind: 'retryable' | 'fatal';
  readonly errorCode: ErrorCode;
  readonly about: LossSubject;
  readonly closeCode: number;
  /** Free of secrets, at most 123 bytes. */
  readonly reason: string;
  readonly httpStatus?: number;
}

type Judgement = readonly [LossVerdict['kind'], ErrorCode, LossSubject];

const BAD_CONFIG: Judgement = ['fatal', 'provider_config', 'config'];
const BAD_CREDENTIALS: Judgement = ['fatal', 'provider_config', 'credentials'];
const BAD_MODEL: Judgement = ['fatal', 'provider_config', 'model'];
const QUOTA_SPENT: Judgement = ['fatal', 'provider_quota', 'quota'];
const QUOTA_BUSY: Judgement = ['retryable', 'provider_quota', 'quota'];
const UNAVAILABLE: Judgement = ['retryable', 'provider_unavailable', 'service'];

/**
 * Reasons as Google words them, first match wins. The same close code carries quite different troubles (1011 both
 * "internal error" and "credits depleted"), so that the words decide and the code only when they say nothing.
 * [src: gemini-live notes: issues of js-genai, python-genai, livekit/agents, cookbook]
 */
const BY_REASON: readonly (readonly [RegExp, (loss: ConnectionLoss) => Judgement])[] = [
  [/deplet|prepa(id|yment)|billing (account|is|has|must|not)|suspended/i, () => QUOTA_SPENT],
  [/rate.?limit|too many|concurren/i, () => QUOTA_BUSY],
  [/quota|resource.?(has been )?exhausted/i, (loss) => (loss.httpStatus === 429 ? QUOTA_BUSY : QUOTA_SPENT)],
  [/service_disabled|api has not been used/i, () => BAD_CREDENTIALS],
  [
    /deadline|unavailable|internal (server )?error|overloaded|keepalive|ping time|timed? ?out|abort|try again|going away|restart/i,
    () => UNAVAILABLE,
  ],
  // Both come out of the blue around tool calls and go away on a resumed connection; before the set-up is accepted
  // they are about the set-up itself (the second then also about an expired resumption handle).
  [
    /operation is not implemented|requested entity was not found/i,
    (loss) => (loss.phase === 'connect' ? BAD_CONFIG : UNAVAILABLE),
  ],
  [/model.*not found|not found for api version|bidigeneratecontent/i, () => BAD_MODEL],
  [
    /api.?key|credential|unauthenticated|auth(entication|orization)? token|permission|forbidden/i,
    () => BAD_CREDENTIALS,
  ],
  [/invalid|unknown name|media_?chunks|not supported|unsupported|precondition/i, () => BAD_CONFIG],
];

/** TLS failures that no retry cures; others (resets in the handshake) may pass. */
const BAD_CERTIFICATE = /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT)|_SIGNATURE_FAILURE$/;

export function classifyLoss(loss: ConnectionLoss): LossVerdict {
  const [kind, errorCode, about] = judge(loss);
  return {
    kind,
    errorCode,
    about,
    closeCode: loss.closeCode,
    reason: redactReason(loss.reason),
    ...(loss.httpStatus === undefined ? {} : { httpStatus: loss.httpStatus }),
  };
}

/** Of an error that tells of the loss. */
export function errorKindOf({ errorCode, httpStatus }: LossVerdict): ErrorKind {
  if (errorCode === 'provider_quota') return 'resource_exhausted';
  if (errorCode === 'provider_unavailable') return 'unavailable';
  if (httpStatus === 401) return 'unauthenticated';
  if (httpStatus === 403) return 'permission_denied';
  if (httpStatus === 404) return 'not_found';
  return 'failed_precondition';
}

function judge(loss: ConnectionLoss): Judgement {
  for (const [pattern, verdict] of BY_REASON) {
    if (pattern.test(loss.reason)) return verdict(loss);
  }
  if (loss.httpStatus !== undefined) return judgeHttpStatus(loss.httpStatus);
  if (loss.systemCode !== undefined && BAD_CERTIFICATE.test(loss.systemCode)) return BAD_CONFIG;
  return judgeCloseCode(loss);
}

function judgeHttpStatus(status: number): Judgement {
  if (status === 429) return QUOTA_BUSY;
  if (status === 401 || status === 403) return BAD_CREDENTIALS;
  if (status === 408 || status === 425 || (status >= 500 && status !== 501)) return UNAVAILABLE;
  return BAD_CONFIG;
}

function judgeCloseCode({ phase, closeCode }: ConnectionLoss): Judgement {
  if (closeCode === 1003 || closeCode === 1007) return BAD_CONFIG;
  if (closeCode === 1008 && phase === 'connect') return BAD_CONFIG;
  return UNAVAILABLE;
}
