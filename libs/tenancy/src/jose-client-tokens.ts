import { newId, ParleyError, systemClock, type Clock, type IdFactory } from '@parley/kernel';
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { ClientGrant, ClientTokens } from './client-tokens.js';
import { readSigningKey, SIGNING_ALGORITHM, type SigningKey } from './signing-key.js';

export interface JoseClientTokensOptions {
  /** The private key that signs, as a JWK. */
  readonly signingKey: string;
  /** Keys of before, as JWKs: their tokens are still accepted. */
  readonly retiredKeys?: readonly string[];
  readonly clock?: Clock;
  readonly newId?: IdFactory;
}

const ISSUER = 'parley';
const AUDIENCE = 'live';

/** How far the clocks of two machines may be apart: for `iat` and `nbf`. */
const CLOCK_SKEW_S = 60;

/** A token that is a little late is let in; an older one is `token_expired`. */
const EXPIRY_GRACE_MS = 5_000;

const claims = z.object({
  sub: z.string().min(1),
  tenant: z.string().min(1),
  app: z.string().min(1),
  session: z.string().min(1),
  config: z.record(z.string(), z.unknown()),
  iat: z.number(),
  exp: z.number(),
});

/**
 * Client tokens as JWTs, signed with Ed25519.
 *
 * 1. Algorithm, issuer and audience are fixed; the key is chosen among the known ones by `kid`.
 * 2. Whether a token has expired is said only of one whose signature holds.
 */
export class JoseClientTokens implements ClientTokens {
  readonly #signing: SigningKey & { readonly privateKey: CryptoKey };
  readonly #known: ReadonlyMap<string, CryptoKey>;
  readonly #clock: Clock;
  readonly #newId: IdFactory;

  private constructor(
    signing: SigningKey & { readonly privateKey: CryptoKey },
    retired: readonly SigningKey[],
    options: JoseClientTokensOptions,
  ) {
    this.#signing = signing;
    this.#known = new Map([...retired, signing].map((key) => [key.kid, key.publicKey]));
    this.#clock = options.clock ?? systemClock;
    this.#newId = options.newId ?? newId;
  }

  /** Throws `ParleyError` `invalid_config` for what is not an Ed25519 JWK, or a signing key without its private half. */
  static async create(options: JoseClientTokensOptions): Promise<JoseClientTokens> {
    const { privateKey, ...signing } = await readSigningKey(options.signingKey);
    if (!privateKey) {
      throw new ParleyError('invalid_config', 'The key for client tokens lacks its private half.', {
        kind: 'invalid_argument',
      });
    }
    const retired = await Promise.all((options.retiredKeys ?? []).map(readSigningKey));
    return new JoseClientTokens({ ...signing, privateKey }, retired, options);
  }

  issue(grant: ClientGrant, lifetimeMs: number): Promise<string> {
    const nowMs = this.#clock.nowMs();
    const nowS = Math.floor(nowMs / 1_000);
    const { tenantId, appName, userId, sessionId, runConfig } = grant;
    return new SignJWT({ tenant: tenantId, app: appName, session: sessionId, config: runConfig })
      .setProtectedHeader({ alg: SIGNING_ALGORITHM, kid: this.#signing.kid, typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(userId)
      .setJti(this.#newId('tok'))
      .setIssuedAt(nowS)
      .setNotBefore(nowS)
      .setExpirationTime(Math.ceil((nowMs + lifetimeMs) / 1_000))
      .sign(this.#signing.privateKey);
  }

  async verify(token: string): Promise<ClientGrant> {
    const nowMs = this.#clock.nowMs();
    const claim = await this.#claims(token, nowMs);
    if (claim.iat > nowMs / 1_000 + CLOCK_SKEW_S) throw invalid();
    if (nowMs > claim.exp * 1_000 + EXPIRY_GRACE_MS) throw expired();
    return {
      tenantId: claim.tenant,
      appName: claim.app,
      userId: claim.sub,
      sessionId: claim.session,
      runConfig: claim.config,
    };
  }

  async #claims(token: string, nowMs: number): Promise<z.infer<typeof claims>> {
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => this.#keyOf(kid), {
        algorithms: [SIGNING_ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['iat', 'nbf', 'exp', 'jti'],
        currentDate: new Date(nowMs),
        clockTolerance: CLOCK_SKEW_S,
      });
      return claims.parse(payload);
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw expired();
      throw invalid(error);
    }
  }

  #keyOf(kid: string | undefined): CryptoKey {
    const key = kid === undefined ? undefined : this.#known.get(kid);
    if (!key) throw invalid();
    return key;
  }
}

function invalid(cause?: unknown): ParleyError {
  return new ParleyError('unauthenticated', 'The client token is not valid.', {
    kind: 'unauthenticated',
    ...(cause === undefined ? {} : { cause }),
  });
}

function expired(): ParleyError {
  return new ParleyError('token_expired', 'The client token has expired.', { kind: 'unauthenticated' });
}
