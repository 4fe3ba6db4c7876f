import { ApiError } from '@google/genai';
import { ParleyError } from '@parley/kernel';
import { classifyLoss, errorKindOf } from './close-classifier.js';
import { asArray, asDurationMs, asRecord, asText, parseRecord } from './proto-json.js';

/** The caller does not want the answer any more. */
export function generationCancelled(): ParleyError {
  return new ParleyError('provider_unavailable', 'The request to the model was cancelled.', {
    kind: 'unavailable',
    details: { cancelled: true },
  });
}

export function generationTimedOut(timeoutMs: number): ParleyError {
  return new ParleyError('provider_unavailable', `The model said nothing for ${timeoutMs} ms.`, {
    kind: 'deadline_exceeded',
    retryable: true,
  });
}

/** What the SDK threw, as one of ours: nothing of the request and no secret in it. */
export function generationFailed(thrown: unknown): ParleyError {
  if (thrown instanceof ParleyError) return thrown;
  const body = errorBodyOf(thrown);
  const words = [asText(body?.['status']), asText(body?.['message'])].filter(Boolean).join(': ');
  const httpStatus = thrown instanceof ApiError ? thrown.status : undefined;
  const systemCode = systemCodeOf(thrown);
  const verdict = classifyLoss({
    phase: 'connect',
    closeCode: 1006,
    reason: words || (thrown instanceof Error ? thrown.message : String(thrown)),
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(systemCode === undefined ? {} : { systemCode }),
  });
  const { errorCode, kind, about, reason } = verdict;
  const retryAfterMs = retryDelayMs(body);
  return new ParleyError(errorCode, MESSAGES[about], {
    kind: errorKindOf(verdict),
    retryable: kind === 'retryable',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    details: { about, reason, ...(httpStatus === undefined ? {} : { httpStatus }) },
  });
}

const MESSAGES = {
  credentials: "The model's provider refused the credentials.",
  quota: "The quota at the model's provider is used up.",
  model: 'The provider does not have this model.',
  config: 'The model refused the request: check its configuration.',
  service: 'The model could not be reached.',
} as const;

/** The SDK writes the body of an error into its message, at times after words of its own. */
function errorBodyOf(thrown: unknown): Readonly<Record<string, unknown>> | undefined {
  if (!(thrown instanceof ApiError)) return undefined;
  const at = thrown.message.indexOf('{');
  return at < 0 ? undefined : asRecord(parseRecord(thrown.message.slice(at))?.['error']);
}

/** Google's `RetryInfo`. */
function retryDelayMs(body: Readonly<Record<string, unknown>> | undefined): number | undefined {
  return asArray(body?.['details'])
    .map((detail) => asDurationMs(asRecord(detail)?.['retryDelay']))
    .find((delayMs) => delayMs !== undefined);
}

/** `fetch` hides it in what its own error was caused by. */
function systemCodeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { cause } = thrown;
  return asText(typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined);
}
