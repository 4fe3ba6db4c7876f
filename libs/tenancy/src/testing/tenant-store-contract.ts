import { newId } from '@parley/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ApiKeyRecord, Tenant, TenantStore } from '../tenant-store.js';

/** What every adapter of `TenantStore` must do. `start` is called once a test; it may answer with the same one. */
export function describeTenantStore(name: string, start: () => TenantStore | Promise<TenantStore>): void {
  describe(name, () => {
    let store: TenantStore;
    let acme: Tenant;
    let key: ApiKeyRecord;

    beforeEach(async () => {
      store = await start();
      acme = { id: newId('ten'), name: 'Acme' };
      key = {
        id: newId('key'),
        tenantId: acme.id,
        label: 'server',
        secretHash: 'ab'.repeat(32),
        createdAtMs: 1_767_225_600_123,
      };
      await store.createTenant(acme);
    });

    it('finds a tenant that was created, and no other', async () => {
      expect(await store.tenant(acme.id)).toEqual(acme);
      expect(await store.tenant('nobody')).toBeUndefined();
    });

    it('leaves a tenant as it is when it is created again', async () => {
      await Promise.all([1, 2, 3].map(() => store.createTenant({ id: acme.id, name: 'Impostor' })));
      expect(await store.tenant(acme.id)).toEqual(acme);
    });

    it('finds a key by its id, with everything that was saved', async () => {
      await store.saveApiKey(key);
      expect(await store.apiKey(key.id)).toEqual(key);
      expect(await store.apiKey('nothing')).toBeUndefined();
    });

    it('updates label and revocation of a key, and nothing else', async () => {
      await store.saveApiKey(key);
      await store.saveApiKey({ ...key, label: 'old server', revokedAtMs: 1_767_225_700_000, createdAtMs: 1 });
      expect(await store.apiKey(key.id)).toEqual({
        ...key,
        label: 'old server',
        revokedAtMs: 1_767_225_700_000,
      });
    });

    it('takes the same key from several processes at once', async () => {
      await Promise.all([1, 2, 3].map(() => store.saveApiKey(key)));
      expect(await store.apiKey(key.id)).toEqual(key);
    });

    it('refuses a key of an unknown tenant', async () => {
      await expect(store.saveApiKey({ ...key, tenantId: 'nobody' })).rejects.toMatchObject({
        code: 'not_found',
      });
      expect(await store.apiKey(key.id)).toBeUndefined();
    });

    it("never gives a key's id to another tenant or another secret", async () => {
      const globex = { id: newId('ten'), name: 'Globex' };
      await store.createTenant(globex);
      await store.saveApiKey(key);
      for (const change of [{ tenantId: globex.id }, { secretHash: 'cd'.repeat(32) }]) {
        await expect(store.saveApiKey({ ...key, ...change })).rejects.toMatchObject({
          kind: 'already_exists',
        });
      }
      expect(await store.apiKey(key.id)).toEqual(key);
    });
  });
}
