import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashApiKey, matchesHash, mintApiKey, parseApiKey } from './api-key.js';

describe('an API key', () => {
  it('is one word of fixed length that says its mode and its id', () => {
    const key = mintApiKey('live', randomBytes);
    expect(key.text).toMatch(/^parley_live_[0-9A-Za-z]{51}_[0-9A-Za-z]{6}$/);
    expect(key.text.slice('parley_live_'.length).startsWith(key.id)).toBe(true);
    expect(key.id).toHaveLength(8);
  });

  it('keeps its length whatever the dice say', () => {
    for (const byte of [0, 255]) {
      const key = mintApiKey('test', (size) => new Uint8Array(size).fill(byte));
      expect(key.text).toHaveLength('parley_test_'.length + 51 + 7);
      expect(parseApiKey(key.text)).toEqual(key);
    }
  });

  it('carries all of its 256 random bits', () => {
    const low = mintApiKey('test', (size) => new Uint8Array(size).fill(255));
    const high = mintApiKey('test', (size) => new Uint8Array(size).fill(255).with(0, 254));
    expect(low.text).not.toBe(high.text);
    // 62^43 > 2^256: the largest secret needs no digit more.
    expect(low.text.slice(20, 63)).toMatch(/^[A-Za-z0-9]{43}$/);
  });

  it('is recognised as mistyped when any one character is wrong', () => {
    const { text } = mintApiKey('test', randomBytes);
    for (let i = 0; i < text.length; i++) {
      const wrong = text[i] === 'x' ? 'y' : 'x';
      expect(parseApiKey(text.slice(0, i) + wrong + text.slice(i + 1))).toBeUndefined();
    }
  });

  it.each(['', 'parley_test_', 'parley_pub_abc', 'Bearer x', 'parley_test_' + 'a'.repeat(51) + '_000000'])(
    'is not %j',
    (text) => {
      expect(parseApiKey(text)).toBeUndefined();
    },
  );

  it('is not one with something before or after it', () => {
    const { text } = mintApiKey('test', randomBytes);
    for (const other of [` ${text}`, `${text} `, `${text}\n`, text + text]) {
      expect(parseApiKey(other)).toBeUndefined();
    }
  });

  it('matches its own hash only', () => {
    const key = mintApiKey('live', randomBytes);
    expect(matchesHash(key, hashApiKey(key))).toBe(true);
    expect(matchesHash(mintApiKey('live', randomBytes), hashApiKey(key))).toBe(false);
    expect(matchesHash(key, '')).toBe(false);
    expect(hashApiKey(key)).toMatch(/^[0-9a-f]{64}$/);
  });
});
