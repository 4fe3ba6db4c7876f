import {
  ERROR_TABLE,
  type EndReason,
  type ReadyMessage,
  type ResumedMessage,
  type ServerMessage,
  type WireError,
} from '@parley/wire';

/**
 * Reads what a server said. The protocol only grows, so this is as forgiving as can be: an unknown type, or a
 * known one without the fields that give it its meaning, is undefined and ignored; an unknown error code is
 * `internal`; extra fields pass.
 */
export function readServerMessage(value: unknown): ServerMessage | undefined {
  if (!isRecord(value)) return undefined;
  switch (value['type']) {
    case 'ready':
      return readReady(value);
    case 'event':
      if (!isNumber(value['seq']) || !isNumber(value['turn']) || !isRecord(value['event'])) return undefined;
      return { type: 'event', seq: value['seq'], turn: value['turn'], event: value['event'] };
    case 'latency': {
      const { turn, trigger, firstAudioMs } = value;
      if (!isNumber(turn) || !isNumber(firstAudioMs)) return undefined;
      return {
        type: 'latency',
        turn,
        firstAudioMs,
        trigger: trigger === 'text' || trigger === 'tool' ? trigger : 'speech',
      };
    }
    case 'error':
      return isRecord(value['error']) ? { type: 'error', error: readError(value['error']) } : undefined;
    case 'inputDropped':
      if (!isNumber(value['ms'])) return undefined;
      return { type: 'inputDropped', ms: value['ms'], reason: value['reason'] === 'age' ? 'age' : 'budget' };
    case 'pong':
      return isNumber(value['t']) ? { type: 'pong', t: value['t'] } : { type: 'pong' };
    case 'goaway':
      return {
        type: 'goaway',
        inMs: numberOr(value['inMs'], 0),
        spreadMs: numberOr(value['spreadMs'], 0),
        reason: 'drain',
      };
    case 'ack':
      return typeof value['id'] === 'string' ? { type: 'ack', id: value['id'] } : undefined;
    case 'resume':
      if (typeof value['token'] !== 'string') return undefined;
      return { type: 'resume', token: value['token'], windowMs: numberOr(value['windowMs'], WINDOW_MS) };
    case 'resumed':
      return readResumed(value);
    case 'ended':
      return { type: 'ended', reason: isOneOf(END_REASONS, value['reason']) ? value['reason'] : 'error' };
    default:
      return undefined;
  }
}

/** How long a call waits for its client where the server does not say. */
const WINDOW_MS = 120_000;

const CAUSES = { client: true, worker: true, drain: true } as const;
const MODES = { live: true, handle: true, history: true, fresh: true } as const;

function readResumed(value: Record<string, unknown>): ResumedMessage {
  const { cause, mode } = value;
  return {
    type: 'resumed',
    cause: isOneOf(CAUSES, cause) ? cause : 'client',
    recovered: value['recovered'] === true,
    mode: isOneOf(MODES, mode) ? mode : 'live',
    gapMs: numberOr(value['gapMs'], 0),
  };
}

function readReady(value: Record<string, unknown>): ReadyMessage {
  const provider = isRecord(value['provider']) ? value['provider'] : {};
  const protocol = isRecord(value['protocol']) ? value['protocol'] : {};
  return {
    type: 'ready',
    protocol: { min: numberOr(protocol['min'], 1), max: numberOr(protocol['max'], 1) },
    sessionId: textOr(value['sessionId'], ''),
    liveId: textOr(value['liveId'], ''),
    agent: textOr(value['agent'], ''),
    provider: {
      name: textOr(provider['name'], 'unknown'),
      model: textOr(provider['model'], 'unknown'),
      emulated: provider['emulated'] === true,
    },
    remembered: numberOr(value['remembered'], 0),
  };
}

function readError(value: Record<string, unknown>): WireError {
  const code = isOneOf(ERROR_TABLE, value['code']) ? value['code'] : 'internal';
  const row = ERROR_TABLE[code];
  return {
    type: row.type,
    code,
    message: textOr(value['message'], 'The server reported an error.'),
    retryable: typeof value['retryable'] === 'boolean' ? value['retryable'] : row.retryable,
    fatal: typeof value['fatal'] === 'boolean' ? value['fatal'] : row.scope === 'connection',
    ...(isNumber(value['retryAfterMs']) ? { retryAfterMs: value['retryAfterMs'] } : {}),
    ...(isRecord(value['details']) ? { details: value['details'] } : {}),
    ...(typeof value['ref'] === 'string' ? { ref: value['ref'] } : {}),
    ...(typeof value['requestId'] === 'string' ? { requestId: value['requestId'] } : {}),
  };
}

const END_REASONS: Readonly<Record<EndReason, true>> = {
  client: true,
  agent: true,
  drain: true,
  max: true,
  idle: true,
  provider: true,
  error: true,
  superseded: true,
};

function isOneOf<Name extends string>(known: Readonly<Record<Name, unknown>>, value: unknown): value is Name {
  return typeof value === 'string' && Object.hasOwn(known, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

const numberOr = (value: unknown, otherwise: number): number => (isNumber(value) ? value : otherwise);
const textOr = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);
