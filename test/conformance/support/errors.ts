import { expect } from 'vitest';

/** A `ParleyError` with this code and, in its message, these words. */
export function failure(code: string, words = /(?:)/): Error {
  return expect.objectContaining({ code, message: expect.stringMatching(words) as string }) as Error;
}
