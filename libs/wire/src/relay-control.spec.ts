import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDownControl, DOWN_KIND, encodeDownControl } from './relay-control.js';

describe('control frames to the gateway', () => {
  it('come back as they went out', () => {
    const control = fc.record({
      kind: fc.constantFrom(...Object.values(DOWN_KIND)),
      turn: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      json: fc.json(),
    });
    fc.assert(
      fc.property(control, (sent) => {
        expect(decodeDownControl(encodeDownControl(sent))).toEqual(sent);
      }),
    );
  });

  it('are told apart from other bytes', () => {
    expect(decodeDownControl(new Uint8Array())).toBeUndefined();
    expect(decodeDownControl(new Uint8Array([99, 0, 0, 0, 0]))).toBeUndefined();
    expect(decodeDownControl(new Uint8Array([1, 0]))).toBeUndefined();
  });
});
