import { beforeEach, describe, expect, it } from 'vitest';
import { ApiKeys } from './api-keys.js';
import { ensureDevelopmentTenant } from './development-tenant.js';
import { InMemoryTenantStore } from './in-memory-tenant-store.js';

describe('ensureDevelopmentTenant', () => {
  let store: InMemoryTenantStore;

  beforeEach(() => {
    store = new InMemoryTenantStore();
  });

  it('makes the tenant and a test key that works', async () => {
    const { tenantId, key } = await ensureDevelopmentTenant(store);
    expect(await store.tenant('dev')).toEqual({ id: 'dev', name: 'Development' });
    expect(await new ApiKeys({ store }).authenticate(key)).toMatchObject({ tenantId, mode: 'test' });
  });

  it('registers a kept key again in an empty store, and the same one however often', async () => {
    const { key } = await ensureDevelopmentTenant(new InMemoryTenantStore());
    const all = await Promise.all([1, 2, 3].map(() => ensureDevelopmentTenant(store, { presetKey: key })));
    expect(all.map((development) => development.key)).toEqual([key, key, key]);
    expect(await new ApiKeys({ store }).authenticate(key)).toMatchObject({ tenantId: 'dev' });
  });

  it('does not bring a revoked key back', async () => {
    const { key } = await ensureDevelopmentTenant(store);
    const keys = new ApiKeys({ store });
    const { keyId } = await keys.authenticate(key);
    await keys.revoke('dev', keyId);
    await ensureDevelopmentTenant(store, { presetKey: key });
    await expect(keys.authenticate(key)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('refuses what is not a test key', async () => {
    await store.createTenant({ id: 'acme', name: 'Acme' });
    const { key: live } = await new ApiKeys({ store }).mint('acme', 'live', 'x');
    for (const presetKey of [live, 'parley_test_short', '']) {
      await expect(ensureDevelopmentTenant(store, { presetKey })).rejects.toMatchObject({
        code: 'invalid_config',
      });
    }
  });
});
