import { ParleyError } from '@parley/kernel';

/** Why the server ends a connection, in the words that Google's servers were seen to use. */
export interface CloseReason {
  readonly code: 1007 | 1008 | 1011;
  readonly reason: string;
}

const INVALID_ARGUMENT: CloseReason = { code: 1007, reason: 'Request contains an invalid argument.' };

export const CLOSE_REASONS = {
  invalidArgument: INVALID_ARGUMENT,
  setupExpected: { code: 1007, reason: 'setup must be the first message and only the first' },
  explicitActivity: {
    code: 1007,
    reason: 'Explicit activity control is not supported when automatic activity detection is enabled.',
  },
  mediaChunks: {
    code: 1007,
    reason: 'realtime_input.media_chunks is deprecated. Use audio, video, or text instead.',
  },
  unsupported: { code: 1008, reason: 'Operation is not implemented, or supported, or enabled.' },
  entityNotFound: { code: 1008, reason: 'Requested entity was not found.' },
  /** In the words of the REST API; what a live session says then was not seen. */
  contextFull: {
    code: 1007,
    reason: 'The input token count exceeds the maximum number of tokens allowed.',
  },
  quota: {
    code: 1011,
    reason: 'You exceeded your current quota, please check your plan and billing details.',
  },
  deadline: { code: 1011, reason: 'Deadline expired before operation could complete.' },
  internal: { code: 1011, reason: 'Internal error encountered.' },
} as const satisfies Record<string, CloseReason>;

export function modelNotFound(model: string, version: string): CloseReason {
  return {
    code: 1008,
    reason: `${model || 'models/'} is not found for API version ${version}, or is not supported for bidiGenerateContent.`,
  };
}

/** The emulator's own: Google knows no scenarios. */
export function scenarioNotFound(name: string): CloseReason {
  return { code: 1007, reason: `The emulator has no scenario "${name}".` };
}

/** The close for a message that could not be decoded. */
export function reasonOfBadMessage(thrown: unknown): CloseReason {
  if (!(thrown instanceof ParleyError)) return CLOSE_REASONS.internal;
  const { unknownField, at } = thrown.details;
  if (typeof unknownField !== 'string') return INVALID_ARGUMENT;
  const place = at === '' ? '' : ` at '${String(at)}'`;
  return {
    code: 1007,
    reason: `Invalid JSON payload received. Unknown name "${unknownField}"${place}: Cannot find field.`,
  };
}

/** A WebSocket close reason holds at most 123 bytes of UTF-8. */
export function clipReason(reason: string): string {
  let clipped = reason.slice(0, 123);
  while (Buffer.byteLength(clipped) > 123) clipped = clipped.slice(0, -1);
  return clipped;
}
