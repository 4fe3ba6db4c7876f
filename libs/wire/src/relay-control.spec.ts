import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDownControl, DOWN_KIND, encodeDownControl } from './relay-control.js';

describe('control frames to the gateway', () => {
  it('come back as they went out', () => {
    const control = fc.record({
      kind: fc.constantFrom(...Object.values(DOWN_KIND)),
      turn: fc.nat(2 ** 32 - 1),
      seq: fc.nat(2 ** 32 - 1),
      id: fc.string({ maxLength: 60 }),
      json: fc.json(),
    });
    fc.assert(
      fc.property(control, (sent) => {
        expect(decodeDownControl(encodeDownControl(sent))).toEqual(sent);
      }),
    );
  });

  it('go without an id that is too long for them, and without numbers when they have none', () => {
    const sent = { kind: DOWN_KIND.message, json: '{}' } as const;
    expect(decodeDownControl(encodeDownControl({ ...sent, id: 'x'.repeat(256) }))).toEqual({
      ...sent,
      turn: 0,
      seq: 0,
      id: '',
    });
  });

  it('are told apart from other bytes', () => {
    expect(decodeDownControl(new Uint8Array())).toBeUndefined();
    expect(decodeDownControl(new Uint8Array([99, 0, 0, 0, 0]))).toBeUndefined();
    expect(decodeDownControl(new Uint8Array([1, 0]))).toBeUndefined();
    expect(decodeDownControl(new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0, 0, 1]))).toBeUndefined();
  });
});
