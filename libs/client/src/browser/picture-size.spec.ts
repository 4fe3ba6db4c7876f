import { describe, expect, it } from 'vitest';
import { fitWithin } from './picture-size.js';

describe('fitWithin', () => {
  it('shrinks the longer side to the limit and keeps the shape', () => {
    expect(fitWithin({ width: 1_280, height: 720 }, 768)).toEqual({ width: 768, height: 432 });
    expect(fitWithin({ width: 720, height: 1_280 }, 768)).toEqual({ width: 432, height: 768 });
  });

  it('enlarges nothing', () => {
    expect(fitWithin({ width: 320, height: 240 }, 768)).toEqual({ width: 320, height: 240 });
  });
});
