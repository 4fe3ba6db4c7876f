import { controlPlaneUnavailable } from '@parley/placement';
import { ParleyError } from '@parley/kernel';

/** First words of replies that say "not now" or "not here" rather than "your command is wrong". */
const AWAY_REPLIES = new Set([
  'ASK',
  'BUSY',
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'MOVED',
  'NOAUTH',
  'NOPERM',
  'NOREPLICAS',
  'OOM',
  'READONLY',
  'TRYAGAIN',
  'UNKILLABLE',
  'WRONGPASS',
]);

/**
 * Whatever ioredis threw, as an error that may leave this room. Only an answer of Redis to a wrong command is our own
 * fault; time-outs, lost connections and refusals mean that the control plane is away.
 */
export function toControlPlaneError(thrown: unknown): ParleyError {
  if (!isReply(thrown) || AWAY_REPLIES.has(firstWord(thrown))) return controlPlaneUnavailable(thrown);
  return new ParleyError('internal', 'Something went wrong on our side.', { cause: thrown });
}

export function isNoScript(thrown: unknown): boolean {
  return isReply(thrown) && firstWord(thrown) === 'NOSCRIPT';
}

/** ioredis marks what the server answered by this name; its class is not exported with a type. */
function isReply(thrown: unknown): thrown is Error {
  return thrown instanceof Error && thrown.name === 'ReplyError';
}

function firstWord(error: Error): string {
  return error.message.split(' ', 1)[0] ?? '';
}
