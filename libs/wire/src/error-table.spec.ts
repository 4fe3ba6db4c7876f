import { ERROR_CODES, ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { ERROR_TABLE, toWireError } from './error-table.js';

describe('the error table', () => {
  it('has close codes that a server may send', () => {
    for (const code of ERROR_CODES) {
      const { close } = ERROR_TABLE[code];
      expect(close === 1009 || (close >= 4400 && close < 4600), code).toBe(true);
    }
  });

  it('shows nothing of a cause', () => {
    const error = new ParleyError('internal', 'Something went wrong.', { cause: new Error('secret') });
    expect(JSON.stringify(toWireError(error))).not.toContain('secret');
  });

  it('says whether the connection goes on', () => {
    expect(toWireError(new ParleyError('malformed_json', 'x')).fatal).toBe(false);
    expect(toWireError(new ParleyError('unauthenticated', 'x')).fatal).toBe(true);
  });
});
