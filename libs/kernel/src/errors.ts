import type { ErrorCode } from './error-code.js';

/** Google's status words, lower-cased; says what sort of trouble it is, whatever the code. */
export type ErrorKind =
  | 'invalid_argument'
  | 'unauthenticated'
  | 'permission_denied'
  | 'not_found'
  | 'already_exists'
  | 'resource_exhausted'
  | 'failed_precondition'
  | 'deadline_exceeded'
  | 'unavailable'
  | 'internal';

export interface ParleyErrorOptions {
  readonly kind?: ErrorKind;
  /** Whether the same request may succeed later. */
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
  /** Safe to show to a caller: no user content, no secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Never shown to a caller. */
  readonly cause?: unknown;
}

/** The one error that crosses rooms. `message` is safe to show to a caller. */
export class ParleyError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ParleyErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.kind = options.kind ?? 'internal';
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details ?? {};
  }
}

/** Turns whatever was thrown into a `ParleyError`; what is not one becomes `internal` and shows nothing. */
export function toParleyError(thrown: unknown): ParleyError {
  if (thrown instanceof ParleyError) return thrown;
  return new ParleyError('internal', 'Something went wrong on our side.', {
    kind: 'internal',
    cause: thrown,
  });
}
