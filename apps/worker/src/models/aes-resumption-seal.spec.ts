import { describe, expect, it } from 'vitest';
import { AesResumptionSeal } from './aes-resumption-seal.js';

const SECRET = 'a secret of at least thirty-two characters';
const SESSION = { tenantId: 't', appName: 'greeter', userId: 'alice', sessionId: 's1' };
const HANDLE = 'Cig0ZmE2-the handle as the provider gave it';

describe('AesResumptionSeal', () => {
  it('opens what it sealed, in any process that has the secret', () => {
    const token = new AesResumptionSeal(SECRET).seal(HANDLE, SESSION);
    expect(new AesResumptionSeal(SECRET).open(token, SESSION)).toBe(HANDLE);
  });

  it('shows nothing of the handle, not even that two tokens hold the same', () => {
    const seal = new AesResumptionSeal(SECRET);
    const [first, second] = [seal.seal(HANDLE, SESSION), seal.seal(HANDLE, SESSION)];
    expect(first).not.toBe(second);
    for (const token of [first, second]) {
      expect(token).toMatch(/^[\w-]+$/);
      expect(Buffer.from(token, 'base64url').includes('handle')).toBe(false);
    }
  });

  it.each([
    ['tenant', { tenantId: 'other' }],
    ['agent', { appName: 'other' }],
    ['user', { userId: 'other' }],
    ['session', { sessionId: 's2' }],
  ])('opens nothing that was sealed for another %s (I7)', (_, other) => {
    const seal = new AesResumptionSeal(SECRET);
    const token = seal.seal(HANDLE, { ...SESSION, ...other });
    expect(seal.open(token, SESSION)).toBeUndefined();
    expect(seal.open(token, { ...SESSION, ...other })).toBe(HANDLE);
  });

  it('keeps ids apart that read the same when they are put together', () => {
    const seal = new AesResumptionSeal(SECRET);
    const token = seal.seal(HANDLE, { ...SESSION, userId: 'a', sessionId: 'bc' });
    expect(seal.open(token, { ...SESSION, userId: 'ab', sessionId: 'c' })).toBeUndefined();
  });

  it('opens nothing that was sealed with another secret', () => {
    const token = new AesResumptionSeal(`${SECRET}!`).seal(HANDLE, SESSION);
    expect(new AesResumptionSeal(SECRET).open(token, SESSION)).toBeUndefined();
  });

  it('opens nothing in which a single bit was changed, wherever it is', () => {
    const seal = new AesResumptionSeal(SECRET);
    const token = Buffer.from(seal.seal(HANDLE, SESSION), 'base64url');
    for (let bit = 0; bit < token.length * 8; bit++) {
      const changed = Buffer.from(token);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(seal.open(changed.toString('base64url'), SESSION), `bit ${bit}`).toBeUndefined();
    }
  });

  it('opens nothing that is too short, too long or no token at all', () => {
    const seal = new AesResumptionSeal(SECRET);
    const token = Buffer.from(seal.seal('', SESSION), 'base64url');
    expect(seal.open(token.toString('base64url'), SESSION)).toBe('');
    for (let length = 0; length < token.length; length++) {
      const cut = token.subarray(0, length).toString('base64url');
      expect(seal.open(cut, SESSION), `${length} bytes`).toBeUndefined();
    }
    expect(seal.open(Buffer.concat([token, token]).toString('base64url'), SESSION)).toBeUndefined();
    expect(seal.open('no token: ßé', SESSION)).toBeUndefined();
  });
});
