import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Bytes } from './base64-bytes.js';

describe('base64Bytes', () => {
  it.each(['base64', 'base64url'] as const)('gives back what was encoded as %s', (encoding) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6_000 }), (bytes) => {
        expect(base64Bytes(Buffer.from(bytes).toString(encoding))).toEqual(bytes);
      }),
    );
  });

  it('refuses a text with anything else in it, wherever that is', () => {
    const encoded = fc
      .uint8Array({ minLength: 1, maxLength: 90 })
      .map((bytes) => Buffer.from(bytes).toString('base64'));
    const foreign = fc.constantFrom('"', '\\', ' ', '\n', '=', '{', ',', '\u0000', '\u00e9', '\uffff');
    fc.assert(
      fc.property(encoded, fc.nat(), foreign, fc.boolean(), (text, where, intruder, replaces) => {
        const digits = text.replace(/=+$/, '').length;
        const at = where % digits;
        const spoilt = text.slice(0, at) + intruder + text.slice(replaces ? at + 1 : at);
        // Padding that moves to the end is padding again.
        fc.pre(!/^[\w+/-]*={0,2}$/.test(spoilt));
        expect(base64Bytes(spoilt)).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it('hands out bytes, not a Buffer, whose `slice` would share them', () => {
    expect(Buffer.isBuffer(base64Bytes('AQID'))).toBe(false);
  });
});
