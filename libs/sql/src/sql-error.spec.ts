import { ParleyError } from '@parley/kernel';
import { describe, expect, it } from 'vitest';
import { toSqlError } from './sql-error.js';

const coded = (code: string): Error => Object.assign(new Error('vendor text'), { code });

describe('toSqlError', () => {
  it.each(['SQLITE_BUSY', 'SQLITE_FULL', 'SQLITE_IOERR_WRITE', '08006', '57P01', '40P01', 'ECONNREFUSED'])(
    'calls %s unavailable, to be tried again',
    (code) => {
      expect(toSqlError(coded(code))).toMatchObject({ code: 'control_plane_unavailable', retryable: true });
    },
  );

  it.each(['28P01', '3D000'])('calls %s a wrong configuration', (code) => {
    expect(toSqlError(coded(code))).toMatchObject({ code: 'invalid_config', retryable: false });
  });

  it.each(['SQLITE_CONSTRAINT_UNIQUE', '23505', ''])('calls %j internal and shows nothing of it', (code) => {
    const error = toSqlError(coded(code));
    expect(error).toMatchObject({ code: 'internal', retryable: false });
    expect(error.message).not.toContain('vendor');
  });

  it('knows the errors that pg raises without a code', () => {
    for (const message of ['Connection terminated unexpectedly', 'timeout exceeded when trying to connect']) {
      expect(toSqlError(new Error(message)).code).toBe('control_plane_unavailable');
    }
  });

  it('passes a ParleyError on', () => {
    const error = new ParleyError('not_found', 'No.');
    expect(toSqlError(error)).toBe(error);
  });
});
