import { describe, expect, it } from 'vitest';
import { Redactor } from './redactor.js';

describe('what a report may not show', () => {
  const redactor = new Redactor();
  redactor.learn('Cihandle-that-is-secret-0123456789');
  redactor.learn('short');

  it('is every secret that it was told of, wherever it stands', () => {
    const shown = redactor.clean(
      'no Cihandle-that-is-secret-0123456789, (Cihandle-that-is-secret-0123456789)',
    );
    expect(shown).toBe('no ***, (***)');
  });

  it('is the beginning of one that was cut short', () => {
    expect(redactor.clean('unknown handle Cihandle-that-is-')).toBe('unknown handle ***');
    expect(redactor.clean('unknown handle Cihandle-that-was')).toBe('unknown handle ***was');
  });

  it('is what looks like a key, a token or a query of an address', () => {
    expect(redactor.clean('at wss://host/path?alpha=1&beta=2 it failed')).toBe(
      'at wss://host/path?*** it failed',
    );
    expect(redactor.clean('auth_tokens/abcdef0123 and AIzaSyA0123456789012345678901')).toBe(
      'auth_tokens/*** and ***',
    );
  });

  it('is nothing that is shorter than eight characters', () => {
    expect(redactor.clean('a short reason')).toBe('a short reason');
  });
});
