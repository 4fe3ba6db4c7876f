import { hkdfSync } from 'node:crypto';
import { ManualClock } from '@parley-testing/kernel';
import { CompactEncrypt, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { JoseResumeTokens } from './jose-resume-tokens.js';
import type { ResumeGrant } from './resume-tokens.js';

const RESUME: ResumeGrant = {
  grant: { tenantId: 't', appName: 'a', userId: 'u', sessionId: 's', runConfig: { voice: 'Kore' } },
  liveId: 'live_1',
  attach: 3,
  workerId: 'worker_1',
  incarnation: 'inc_1',
  address: '10.0.0.7:7946',
  epoch: 1_700_000_000_000_123,
};

function tokens(
  clock = new ManualClock(),
  secret = 'secret',
  retiredSecrets: string[] = [],
): JoseResumeTokens {
  return new JoseResumeTokens({ secret, retiredSecrets, clock });
}

describe('JoseResumeTokens', () => {
  it('opens what another gateway with the same secret sealed', async () => {
    const token = await tokens().seal(RESUME, 60_000);
    expect(await tokens().open(token)).toEqual(RESUME);
  });

  it('does not show where the call runs', async () => {
    const token = await tokens().seal(RESUME, 60_000);
    const readable = token.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
    expect(readable.join()).not.toMatch(/10\.0\.0\.7|worker_1|live_1/);
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'dir', enc: 'A256GCM', typ: 'parley-resume' });
  });

  it('expires', async () => {
    const clock = new ManualClock();
    const token = await tokens(clock).seal(RESUME, 60_000);
    await clock.advance(60_000);
    expect(await tokens(clock).open(token)).toEqual(RESUME);
    await clock.advance(1);
    await expect(tokens(clock).open(token)).rejects.toMatchObject({ code: 'token_expired' });
  });

  it('accepts what was sealed with a retired secret, and seals with the newest', async () => {
    const clock = new ManualClock();
    const old = await tokens(clock, 'old').seal(RESUME, 60_000);
    const now = tokens(clock, 'new', ['old']);
    expect(await now.open(old)).toEqual(RESUME);
    await expect(tokens(clock, 'old').open(await now.seal(RESUME, 60_000))).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });

  it('refuses what was changed, cut, or is no token', async () => {
    const token = await tokens().seal(RESUME, 60_000);
    const parts = token.split('.');
    const changed = parts.map((part, at) =>
      at === 3 ? `${part.startsWith('A') ? 'B' : 'A'}${part.slice(1)}` : part,
    );
    for (const bad of [changed.join('.'), token.slice(0, -4), parts.slice(0, 4).join('.'), '', 'a.b.c']) {
      await expect(tokens().open(bad)).rejects.toMatchObject({ code: 'unauthenticated' });
    }
  });

  it.each([
    ['another algorithm', { alg: 'A256KW', enc: 'A256GCM', typ: 'parley-resume' }],
    ['another cipher', { alg: 'dir', enc: 'A128GCM', typ: 'parley-resume' }],
    ['compression', { alg: 'dir', enc: 'A256GCM', typ: 'parley-resume', zip: 'DEF' }],
    ['another type', { alg: 'dir', enc: 'A256GCM', typ: 'JWT' }],
  ])('refuses %s', async (_, header) => {
    // the key itself is right: only the header is not
    const key = new Uint8Array(hkdfSync('sha256', 'secret', '', 'parley resume token v1', 32));
    const text = new TextEncoder().encode(JSON.stringify({ ...RESUME, exp: Number.MAX_SAFE_INTEGER }));
    const token = await new CompactEncrypt(text)
      .setProtectedHeader(header)
      .encrypt(header.enc === 'A128GCM' ? key.slice(0, 16) : key);
    await expect(tokens().open(token)).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});
