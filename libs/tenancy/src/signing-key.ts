import { ParleyError } from '@parley/kernel';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { z } from 'zod';

/** EdDSA over Ed25519; nothing else is ever signed or accepted. */
export const SIGNING_ALGORITHM = 'EdDSA';

export interface SigningKey {
  readonly kid: string;
  /** Undefined when only the public half was given: such a key verifies, and does not sign. */
  readonly privateKey: CryptoKey | undefined;
  readonly publicKey: CryptoKey;
}

const ed25519 = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  d: z.string().optional(),
  kid: z.string().optional(),
});

/** A new private key as a JWK, to be kept as a secret and given to every process that signs or verifies. */
export async function generateSigningKey(): Promise<string> {
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  return JSON.stringify({ ...jwk, kid, alg: SIGNING_ALGORITHM, use: 'sig' });
}

/** Reads a JWK; without a `kid` it gets its RFC 7638 thumbprint. Throws `ParleyError` `invalid_config`. */
export async function readSigningKey(text: string): Promise<SigningKey> {
  try {
    const { kty, crv, x, d, kid } = ed25519.parse(JSON.parse(text));
    const publicJwk = { kty, crv, x };
    return {
      kid: kid ?? (await calculateJwkThumbprint(publicJwk)),
      publicKey: await importKey(publicJwk),
      privateKey: d === undefined ? undefined : await importKey({ ...publicJwk, d }),
    };
  } catch {
    // The cause is left out: a parser's message may quote the secret.
    throw new ParleyError('invalid_config', 'The key for client tokens must be an Ed25519 key as a JWK.', {
      kind: 'invalid_argument',
    });
  }
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, SIGNING_ALGORITHM);
  if (key instanceof Uint8Array) throw new TypeError('a symmetric key');
  return key;
}
