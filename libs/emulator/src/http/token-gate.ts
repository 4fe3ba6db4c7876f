import type { Clock } from '@parley/kernel';
import { isJsonObject, type JsonObject } from '../codec/json-object.js';
import type { CloseReason } from '../session/close-reason.js';
import type { AuthToken, AuthTokens } from './auth-tokens.js';

/**
 * Guards one connection of the constrained service: its first message has to be a setup that the token admits, and
 * leaves as the token fixes it; after the token's expiry nothing more is taken. A client's resumption handle is its
 * own, whatever is fixed: Google's reference leaves open whether it would be.
 */
export class TokenGate {
  readonly #tokens: AuthTokens;
  readonly #name: string;
  readonly #clock: Clock;
  #token: AuthToken | undefined;

  constructor(tokens: AuthTokens, name: string, clock: Clock) {
    this.#tokens = tokens;
    this.#name = name;
    this.#clock = clock;
  }

  /** The frame to take in place of this one, or why the connection ends. */
  readonly pass = (frame: string): string | CloseReason => {
    if (this.#token) {
      return this.#clock.nowMs() < this.#token.expiresAtMs ? frame : refused('The auth token has expired.');
    }
    const setup = readSetup(frame);
    // Whatever this is, the session will refuse it.
    if (!setup) return frame;
    const own = setup.sessionResumption ?? setup.session_resumption;
    const resumes = isJsonObject(own) && typeof own.handle === 'string' && own.handle !== '';
    const token = this.#tokens.admit(this.#name, resumes);
    if ('refusal' in token) return refused(token.refusal);
    this.#token = token;
    return JSON.stringify({ setup: constrain(setup, token) });
  };
}

/** The client's setup with what the token fixes in it. */
function constrain(setup: JsonObject, { setup: fixed, lockedFields }: AuthToken): JsonObject {
  if (!fixed) return setup;
  const handle = setup.sessionResumption ?? setup.session_resumption;
  const kept = handle === undefined ? {} : { sessionResumption: handle };
  if (lockedFields.length === 0) return { ...fixed, ...kept };
  const result: Record<string, unknown> = { ...setup };
  for (const path of lockedFields) {
    const [field = '', inner] = path.split('.');
    const value = fixed[field];
    const innerValue = inner === undefined || !isJsonObject(value) ? undefined : value[inner];
    const given = result[field];
    if (inner === undefined) result[field] = value;
    else result[field] = { ...(isJsonObject(given) ? given : {}), [inner]: innerValue };
  }
  return { ...result, ...kept };
}

function readSetup(frame: string): JsonObject | undefined {
  try {
    const message: unknown = JSON.parse(frame);
    return isJsonObject(message) && isJsonObject(message.setup) ? message.setup : undefined;
  } catch {
    return undefined;
  }
}

function refused(reason: string): CloseReason {
  return { code: 1007, reason };
}
