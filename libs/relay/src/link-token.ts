import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { encodeFields } from './link-fields.js';
import type { Hello, Welcome } from './link-message.js';

/**
 * How the two ends of a link show each other that they know the cluster's secret: HMAC-SHA256 over everything
 * that hello and welcome say and over both nonces. Each side chose one of the nonces for this connection, so a
 * recorded token is worth nothing, and neither needs the other's clock to be right. The worker's id is in it, so
 * a token that was given to one worker does not open another.
 */
export function helloToken(secret: string, workerNonce: string, hello: Omit<Hello, 'token'>): string {
  const { version, gatewayId, workerId, nonce, capabilities } = hello;
  return sign(secret, [
    'parley link hello',
    workerNonce,
    nonce,
    String(version),
    gatewayId,
    workerId,
    ...capabilities,
  ]);
}

export function welcomeProof(
  secret: string,
  nonces: { readonly gateway: string; readonly worker: string },
  welcome: Omit<Welcome, 'proof'>,
): string {
  const { version, workerId, incarnation, capabilities } = welcome;
  return sign(secret, [
    'parley link welcome',
    nonces.gateway,
    nonces.worker,
    String(version),
    workerId,
    incarnation,
    ...capabilities,
  ]);
}

/** Compares in a time that does not depend on where the two differ. */
export function sameToken(expected: string, given: string): boolean {
  const a = Buffer.from(expected);
  const b = Buffer.from(given);
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}

export function newNonce(): string {
  return randomBytes(16).toString('hex');
}

function sign(secret: string, fields: readonly string[]): string {
  return createHmac('sha256', secret).update(encodeFields(fields)).digest('hex');
}
