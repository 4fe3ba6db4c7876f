import { createHash, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { bytesToBigint, encodeBase62 } from './base62.js';

/** `test` keys are for development; both kinds do the same. */
export type ApiKeyMode = 'live' | 'test';

/** A secret key in plain text: `parley_test_<8: id><43: secret>_<6: checksum>`, all base62. */
export interface ApiKey {
  readonly text: string;
  readonly mode: ApiKeyMode;
  readonly id: string;
}

export type RandomBytes = (size: number) => Uint8Array;

const FORMAT = /^(parley_(live|test)_([0-9A-Za-z]{8})[0-9A-Za-z]{43})_([0-9A-Za-z]{6})$/;

/** 32 bytes fill 43 digits of base62. */
const SECRET_BYTES = 32;
const SECRET_DIGITS = 43;
const ID_DIGITS = 8;
const CHECKSUM_DIGITS = 6;

export function mintApiKey(mode: ApiKeyMode, randomBytes: RandomBytes): ApiKey {
  const id = encodeBase62(bytesToBigint(randomBytes(ID_DIGITS)), ID_DIGITS);
  const secret = encodeBase62(bytesToBigint(randomBytes(SECRET_BYTES)), SECRET_DIGITS);
  const body = `parley_${mode}_${id}${secret}`;
  return { text: `${body}_${checksumOf(body)}`, mode, id };
}

/** Undefined for anything that was not minted as a key; a typing error is found without asking the store. */
export function parseApiKey(text: string): ApiKey | undefined {
  const [, body, mode, id, checksum] = FORMAT.exec(text) ?? [];
  if (body === undefined || id === undefined || checksumOf(body) !== checksum) return undefined;
  return { text, mode: mode === 'live' ? 'live' : 'test', id };
}

/** Of the whole text, so that the mode can't be exchanged either. */
export function hashApiKey(key: ApiKey): string {
  return createHash('sha256').update(key.text).digest('hex');
}

/** In constant time. */
export function matchesHash(key: ApiKey, secretHash: string): boolean {
  const expected = Buffer.from(secretHash, 'hex');
  const actual = Buffer.from(hashApiKey(key), 'hex');
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function checksumOf(body: string): string {
  return encodeBase62(BigInt(crc32(body)), CHECKSUM_DIGITS);
}
