import { ManualClock } from '@parley-testing/kernel';
import {
  exportJWK,
  generateKeyPair,
  importJWK,
  SignJWT,
  UnsecuredJWT,
  type JWK,
  type JWTPayload,
} from 'jose';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClientGrant } from './client-tokens.js';
import { JoseClientTokens } from './jose-client-tokens.js';
import { generateSigningKey } from './signing-key.js';

const grant: ClientGrant = {
  tenantId: 'acme',
  appName: 'assistant',
  userId: 'ada',
  sessionId: 's1',
  runConfig: { responseModalities: ['AUDIO'], proactivity: { proactiveAudio: true } },
};

describe('JoseClientTokens', () => {
  let signingKey: string;
  let clock: ManualClock;
  let tokens: JoseClientTokens;

  beforeAll(async () => {
    signingKey = await generateSigningKey();
  });

  beforeEach(async () => {
    clock = new ManualClock();
    tokens = await JoseClientTokens.create({ signingKey, clock });
  });

  const refused = (token: string, code = 'unauthenticated'): Promise<void> =>
    expect(tokens.verify(token)).rejects.toMatchObject({ code });

  const payload = (): JWTPayload => {
    const nowS = Math.floor(clock.nowMs() / 1_000);
    const registered = { iss: 'parley', aud: 'live', sub: 'ada', jti: 'tok_1', iat: nowS, nbf: nowS };
    return { ...registered, exp: nowS + 60, tenant: 'acme', app: 'assistant', session: 's1', config: {} };
  };

  /** A token like ours but for `change`, signed with our key unless told otherwise. */
  const forged = async (change: JWTPayload, header: object = {}, key?: CryptoKey): Promise<string> => {
    const jwk = JSON.parse(signingKey) as JWK & { kid: string };
    return new SignJWT({ ...payload(), ...change })
      .setProtectedHeader({ alg: 'EdDSA', kid: jwk.kid, ...header })
      .sign(key ?? (await importJWK(jwk, 'EdDSA')));
  };

  it('gives back the grant it was given', async () => {
    expect(await tokens.verify(await tokens.issue(grant, 60_000))).toEqual(grant);
  });

  it('is believed by another process with the same key', async () => {
    const other = await JoseClientTokens.create({ signingKey, clock });
    expect(await other.verify(await tokens.issue(grant, 60_000))).toEqual(grant);
  });

  it('gives every token an id of its own', async () => {
    expect(await tokens.issue(grant, 60_000)).not.toBe(await tokens.issue(grant, 60_000));
  });

  it('lets a token in until 5 s after its end, and calls it expired then', async () => {
    const token = await tokens.issue(grant, 60_000);
    await clock.advance(65_000);
    await expect(tokens.verify(token)).resolves.toEqual(grant);
    await clock.advance(1);
    await refused(token, 'token_expired');
    await clock.advance(24 * 3_600_000);
    await refused(token, 'token_expired');
  });

  it('bears clocks that are a minute apart, and no more', async () => {
    const nowS = Math.floor(clock.nowMs() / 1_000);
    await expect(tokens.verify(await forged({ iat: nowS + 59, nbf: nowS + 59 }))).resolves.toBeDefined();
    await refused(await forged({ nbf: nowS + 62, exp: nowS + 120 }));
    await refused(await forged({ iat: nowS + 62, exp: nowS + 120 }));
  });

  it('refuses a token of another issuer or for another audience', async () => {
    await expect(tokens.verify(await forged({}))).resolves.toBeDefined();
    await refused(await forged({ iss: 'someone' }));
    await refused(await forged({ aud: 'link' }));
  });

  it.each(['sub', 'tenant', 'app', 'session', 'config', 'exp', 'iat', 'nbf', 'jti'])(
    'refuses a token without %s',
    async (claim) => {
      await refused(await forged({ [claim]: undefined }));
    },
  );

  it('refuses claims of the wrong type', async () => {
    await refused(await forged({ tenant: ['acme'] }));
    await refused(await forged({ config: 'all' }));
    await refused(await forged({ session: '' }));
  });

  it('refuses a key it does not know, also under a known key id, and does not say expired then', async () => {
    const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    await refused(await forged({ exp: 1 }, {}, privateKey));
    await refused(await forged({}, { kid: 'another' }, privateKey));
    await refused(await forged({}, { kid: undefined }));
  });

  it('refuses every other algorithm', async () => {
    const { kid, x } = JSON.parse(signingKey) as { kid: string; x: string };
    await refused(new UnsecuredJWT(payload()).encode());
    const publicKeyAsSecret = new Uint8Array(Buffer.from(x, 'base64url'));
    await refused(
      await new SignJWT(payload()).setProtectedHeader({ alg: 'HS256', kid }).sign(publicKeyAsSecret),
    );
  });

  it.each(['', 'a.b.c', 'not a token', '...', 'e30.e30.'])('refuses %j', async (text) => {
    await refused(text);
  });

  it('accepts tokens of a retired key, and signs with the new one', async () => {
    const old = await tokens.issue(grant, 60_000);
    const next = await generateSigningKey();
    const rotated = await JoseClientTokens.create({ signingKey: next, retiredKeys: [signingKey], clock });
    expect(await rotated.verify(old)).toEqual(grant);
    await refused(await rotated.issue(grant, 60_000));
    const afterwards = await JoseClientTokens.create({ signingKey: next, clock });
    await expect(afterwards.verify(old)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('refuses a signing key of another kind, and does not repeat it', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const publicHalf = { ...(JSON.parse(signingKey) as JWK), d: undefined };
    const elliptic = JSON.stringify(await exportJWK(privateKey));
    for (const bad of ['', 'hunter2', '{}', elliptic, JSON.stringify(publicHalf)]) {
      const error: unknown = await JoseClientTokens.create({ signingKey: bad }).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ code: 'invalid_config' });
      expect(String(error)).not.toContain('hunter2');
    }
  });
});
