import { ParleyError, type Clock } from '@parley/kernel';
import { ProtoObject } from '../codec/proto-object.js';

/** An ephemeral token as the service keeps it. */
export interface AuthToken {
  readonly name: string;
  /** Whose it is: sessions can be resumed with any token of the same owner. */
  readonly owner: string;
  /** Wall time until which its sessions may speak. */
  readonly expiresAtMs: number;
  /** Wall time until which it opens new sessions. */
  readonly opensUntilMs: number;
  /** The setup that it fixes, as it was sent. */
  readonly setup: Readonly<Record<string, unknown>> | undefined;
  /** The setup's fields that are fixed; without any the whole setup is. */
  readonly lockedFields: readonly string[];
}

const EXPIRE_MS = 30 * 60_000;
const NEW_SESSION_MS = 60_000;
const MAX_LIFE_MS = 20 * 60 * 60_000;
const MAX_TOKENS = 10_000;

/**
 * The ephemeral tokens of this process: made by `POST /{ver}/auth_tokens`, taken by `BidiGenerateContentConstrained`.
 * Keeps the newest 10,000.
 */
export class AuthTokens {
  readonly #clock: Clock;
  readonly #newSecret: () => string;
  readonly #tokens = new Map<string, { readonly token: AuthToken; usesLeft: number }>();

  constructor(clock: Clock, newSecret: () => string) {
    this.#clock = clock;
    this.#newSecret = newSecret;
  }

  ownerOf(name: string): string | undefined {
    return this.#tokens.get(name)?.token.owner;
  }

  /** From the request's body. Throws `invalid_message` when it asks for what can't be. */
  create(body: unknown, owner: string): AuthToken {
    const request = ProtoObject.from(body, '');
    const nowMs = this.#clock.nowMs();
    const expiresAtMs = this.#readTime(request, 'expireTime', nowMs + EXPIRE_MS);
    const opensUntilMs = this.#readTime(request, 'newSessionExpireTime', nowMs + NEW_SESSION_MS);
    const uses = request.integer('uses') ?? 1;
    if (uses < 0) throw badField('uses must not be negative');
    const setup = request.raw('bidiGenerateContentSetup');
    const token: AuthToken = {
      name: `auth_tokens/${this.#newSecret()}`,
      owner,
      expiresAtMs,
      opensUntilMs: Math.min(opensUntilMs, expiresAtMs),
      setup:
        typeof setup === 'object' && setup !== null
          ? (setup as Readonly<Record<string, unknown>>)
          : undefined,
      lockedFields: (request.string('fieldMask') ?? '').split(',').filter((field) => field !== ''),
    };
    // 0 means any number
    this.#tokens.set(token.name, { token, usesLeft: uses === 0 ? Number.POSITIVE_INFINITY : uses });
    for (const [oldest] of this.#tokens) {
      if (this.#tokens.size <= MAX_TOKENS) break;
      this.#tokens.delete(oldest);
    }
    return token;
  }

  /** Takes the token for a session, or says why it is not good for one. A resumed session is none of its uses. */
  admit(name: string, resumes: boolean): AuthToken | { readonly refusal: string } {
    const kept = this.#tokens.get(name);
    const nowMs = this.#clock.nowMs();
    if (!kept) return { refusal: 'Missing or malformed auth token.' };
    if (nowMs >= kept.token.expiresAtMs) return { refusal: 'The auth token has expired.' };
    if (resumes) return kept.token;
    if (nowMs >= kept.token.opensUntilMs)
      return { refusal: 'The auth token can open no new session any more.' };
    if (kept.usesLeft === 0) return { refusal: 'The auth token has been used up.' };
    kept.usesLeft -= 1;
    return kept.token;
  }

  #readTime(request: ProtoObject, name: string, otherwiseMs: number): number {
    const text = request.string(name);
    if (text === undefined) return otherwiseMs;
    const atMs = Date.parse(text);
    const aheadMs = atMs - this.#clock.nowMs();
    if (!(aheadMs > 0 && aheadMs < MAX_LIFE_MS))
      throw badField(`${name} must be a time less than 20 hours ahead`);
    return atMs;
  }
}

function badField(message: string): ParleyError {
  return new ParleyError('invalid_message', `Request contains an invalid argument: ${message}.`, {
    kind: 'invalid_argument',
  });
}
