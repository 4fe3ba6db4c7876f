import { describe, expect, it } from 'vitest';
import { redact, redactReason } from './redact.js';

describe('redact', () => {
  it.each([
    ['wss://host/ws/x?key=AIzaSyA-secret_1&alt=ws', 'wss://host/ws/x?key=***&alt=ws'],
    ['?access_token=auth_tokens/abc-1.2', '?access_token=***'],
    ['token auth_tokens/abc-1.2 has expired', 'token auth_tokens/*** has expired'],
    ['Authorization: Bearer ya29.a0Af_hello-there', 'Authorization: Bearer ***'],
    ['API key AIzaSyD0123456789012345678901234567890 not valid', 'API key *** not valid'],
    ['two\nlines\u0007 here', 'two lines here'],
    ['Request contains an invalid argument.', 'Request contains an invalid argument.'],
  ])('shows %j as %j', (text, shown) => {
    expect(redact(text)).toBe(shown);
  });

  it('cuts a reason to 123 bytes without splitting a character', () => {
    const reason = redactReason('ä'.repeat(100));
    expect(reason).toBe('ä'.repeat(61));
  });

  it('redacts before it cuts, so that no half of a key is left', () => {
    expect(redactReason(`${'x'.repeat(110)} key=AIzaSyD0123456789012345678901234567890`)).not.toContain(
      'AIza',
    );
  });
});
