import { hkdfSync } from 'node:crypto';
import { ParleyError, systemClock, type Clock } from '@parley/kernel';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { z } from 'zod';
import type { ResumeGrant, ResumeTokens } from './resume-tokens.js';

export interface JoseResumeTokensOptions {
  /** Shared by every gateway of the cluster; the key is derived from it. */
  readonly secret: string;
  /** Secrets of before: their tokens are still accepted. */
  readonly retiredSecrets?: readonly string[];
  readonly clock?: Clock;
}

const KEY_MANAGEMENT = 'dir';
const ENCRYPTION = 'A256GCM';
const TYPE = 'parley-resume';
/** Binds the derived key to this one use of the secret. */
const PURPOSE = 'parley resume token v1';
const KEY_BYTES = 32;

const content = z.object({
  exp: z.number().int(),
  grant: z.object({
    tenantId: z.string().min(1),
    appName: z.string().min(1),
    userId: z.string().min(1),
    sessionId: z.string().min(1),
    runConfig: z.record(z.string(), z.unknown()),
  }),
  liveId: z.string().min(1),
  attach: z.number().int().min(0),
  workerId: z.string().min(1),
  incarnation: z.string().min(1),
  address: z.string().min(1),
  epoch: z.number().int().min(0),
});

/**
 * Resume tokens as compact JWE: `dir` with A256GCM, uncompressed, under a key that HKDF-SHA-256 derives from the secret.
 *
 * 1. Algorithms and type are fixed; whatever says otherwise is `unauthenticated`, as is what no known secret opens.
 * 2. Whether a token has expired is said only of one that could be opened.
 */
export class JoseResumeTokens implements ResumeTokens {
  readonly #keys: readonly [Uint8Array, ...Uint8Array[]];
  readonly #clock: Clock;

  constructor(options: JoseResumeTokensOptions) {
    this.#keys = [deriveKey(options.secret), ...(options.retiredSecrets ?? []).map(deriveKey)];
    this.#clock = options.clock ?? systemClock;
  }

  seal(resume: ResumeGrant, lifetimeMs: number): Promise<string> {
    const exp = this.#clock.nowMs() + lifetimeMs;
    return new CompactEncrypt(new TextEncoder().encode(JSON.stringify({ ...resume, exp })))
      .setProtectedHeader({ alg: KEY_MANAGEMENT, enc: ENCRYPTION, typ: TYPE })
      .encrypt(this.#keys[0]);
  }

  async open(token: string): Promise<ResumeGrant> {
    const { exp, ...resume } = await this.#content(token);
    if (this.#clock.nowMs() <= exp) return resume;
    throw new ParleyError('token_expired', 'The resume token has expired.', { kind: 'unauthenticated' });
  }

  async #content(token: string): Promise<z.infer<typeof content>> {
    for (const key of this.#keys) {
      try {
        const { plaintext, protectedHeader } = await compactDecrypt(token, key, {
          keyManagementAlgorithms: [KEY_MANAGEMENT],
          contentEncryptionAlgorithms: [ENCRYPTION],
          maxDecompressedLength: 0,
        });
        if (protectedHeader.typ === TYPE)
          return content.parse(JSON.parse(new TextDecoder().decode(plaintext)));
      } catch {
        // The cause is left out: it may quote what was decrypted.
      }
    }
    throw new ParleyError('unauthenticated', 'The resume token is not valid.', { kind: 'unauthenticated' });
  }
}

function deriveKey(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', PURPOSE, KEY_BYTES));
}
