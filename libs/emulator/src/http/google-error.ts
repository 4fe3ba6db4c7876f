import { toParleyError, type ErrorKind } from '@parley/kernel';

/** An error as Google's REST services write it. */
export interface GoogleError {
  readonly error: { readonly code: number; readonly message: string; readonly status: string };
}

const HTTP_STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid_argument: 400,
  failed_precondition: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  already_exists: 409,
  resource_exhausted: 429,
  internal: 500,
  unavailable: 503,
  deadline_exceeded: 504,
};

export function googleError(kind: ErrorKind, message: string): GoogleError {
  return { error: { code: HTTP_STATUS[kind], message, status: kind.toUpperCase() } };
}

export function googleErrorOf(thrown: unknown): GoogleError {
  const { kind, message } = toParleyError(thrown);
  return googleError(kind, message);
}

/** What a scenario's close of a connection means where there is none. */
export function googleErrorOfClose(code: number, reason: string): GoogleError {
  const message = reason || 'The service is currently unavailable.';
  if (/quota|exhausted/i.test(reason)) return googleError('resource_exhausted', message);
  if (code === 1007) return googleError('invalid_argument', message);
  return googleError(code === 1008 ? 'permission_denied' : 'unavailable', message);
}
