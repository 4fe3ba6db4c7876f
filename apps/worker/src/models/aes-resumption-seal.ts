import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { ResumptionSeal, SessionKey } from '@parley/live';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Leads every token, and tells how the rest is to be read. */
const FORMAT = Buffer.from([1]);
const HEAD_BYTES = FORMAT.length + NONCE_BYTES;
const PURPOSE = 'parley resumption handle';

/**
 * Seals handles with AES-256-GCM. Tokens are base64url of format, nonce, ciphertext and tag.
 *
 * 1. Each session has a key of its own, derived from the secret (HKDF-SHA-256): a token opens for no other session, and
 *    no key seals so many handles that two random nonces could meet.
 * 2. Every process with the same secret opens what another one sealed.
 */
export class AesResumptionSeal implements ResumptionSeal {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  seal(handle: string, session: SessionKey): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#keyOf(session), nonce).setAAD(FORMAT);
    const sealed = [cipher.update(handle, 'utf8'), cipher.final()];
    return Buffer.concat([FORMAT, nonce, ...sealed, cipher.getAuthTag()]).toString('base64url');
  }

  open(token: string, session: SessionKey): string | undefined {
    const bytes = Buffer.from(token, 'base64url');
    if (bytes.length < HEAD_BYTES + TAG_BYTES || !bytes.subarray(0, FORMAT.length).equals(FORMAT)) {
      return undefined;
    }
    const nonce = bytes.subarray(FORMAT.length, HEAD_BYTES);
    const decipher = createDecipheriv(CIPHER, this.#keyOf(session), nonce, { authTagLength: TAG_BYTES })
      .setAAD(FORMAT)
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const opened = [decipher.update(bytes.subarray(HEAD_BYTES, -TAG_BYTES)), decipher.final()];
      return Buffer.concat(opened).toString('utf8');
    } catch {
      return undefined;
    }
  }

  #keyOf({ tenantId, appName, userId, sessionId }: SessionKey): Uint8Array {
    const context = JSON.stringify([PURPOSE, tenantId, appName, userId, sessionId]);
    return new Uint8Array(hkdfSync('sha256', this.#secret, '', context, KEY_BYTES));
  }
}
