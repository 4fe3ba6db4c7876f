import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFields, encodeFields } from './link-fields.js';
import {
  decodeClose,
  decodeHello,
  decodeOpen,
  decodeRefusal,
  decodeWelcome,
  encodeClose,
  encodeHello,
  encodeOpen,
  encodeRefusal,
  encodeWelcome,
} from './link-message.js';

describe('link messages', () => {
  it('carry any strings and the bytes behind them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 8 }),
        fc.uint8Array(),
        (fields, rest) => {
          const decoded = decodeFields(encodeFields(fields, rest), fields.length);
          expect(decoded?.fields).toEqual(fields);
          expect([...(decoded?.rest ?? [])]).toEqual([...rest]);
        },
      ),
    );
  });

  it('come back as they were encoded', () => {
    const hello = {
      version: 1,
      gatewayId: 'g',
      workerId: 'w',
      nonce: 'n',
      capabilities: ['opus', 'moved'],
      token: 't',
    };
    const welcome = { version: 1, workerId: 'w', incarnation: 'i', capabilities: [], proof: 'p' };
    const refusal = { code: 'draining', message: 'später', retryAfterMs: 250 } as const;
    const payload = new Uint8Array([1, 2, 3]);
    const open = {
      liveId: 'live_1',
      epoch: Number.MAX_SAFE_INTEGER,
      attach: 2,
      mediaWindowBytes: 9,
      payload,
    };
    expect(decodeHello(encodeHello(hello))).toEqual(hello);
    expect(decodeWelcome(encodeWelcome(welcome))).toEqual(welcome);
    expect(decodeRefusal(encodeRefusal(refusal))).toEqual(refusal);
    expect(decodeOpen(encodeOpen(open))).toEqual(open);
    expect(decodeClose(encodeClose('superseded'))).toBe('superseded');
  });

  it('of a newer peer are understood as far as they can be', () => {
    expect(decodeRefusal(encodeFields(['a_new_code', 'text', '', 'more']))).toEqual({
      code: 'internal',
      message: 'text',
    });
    expect(decodeClose(encodeFields(['a_new_reason']))).toBe('ended');
  });

  it('are undefined, never an exception, for any other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        for (const decode of [decodeHello, decodeWelcome, decodeOpen, decodeRefusal, decodeClose]) {
          expect(() => decode(bytes)).not.toThrow();
        }
      }),
    );
    const window = '1';
    for (const epoch of ['', '-1', '1.5', '1e3', '9007199254740993', 'x']) {
      expect(decodeOpen(encodeFields(['live_1', epoch, '1', window]))).toBeUndefined();
    }
    expect(decodeOpen(encodeFields(['', '1', '1', window]))).toBeUndefined();
    expect(decodeOpen(encodeFields(['live_1', '1', '1', '0']))).toBeUndefined();
  });
});
