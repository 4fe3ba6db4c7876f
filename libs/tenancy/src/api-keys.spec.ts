import { ManualClock } from '@parley-testing/kernel';
import { crc32 } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { ApiKeys } from './api-keys.js';
import { encodeBase62 } from './base62.js';
import { InMemoryTenantStore } from './in-memory-tenant-store.js';

class CountingStore extends InMemoryTenantStore {
  lookups = 0;
  away = false;

  override apiKey(id: string) {
    this.lookups += 1;
    return this.away ? Promise.reject(new Error('the store is away')) : super.apiKey(id);
  }
}

describe('ApiKeys', () => {
  let store: CountingStore;
  let clock: ManualClock;
  let keys: ApiKeys;

  beforeEach(async () => {
    store = new CountingStore();
    clock = new ManualClock();
    keys = new ApiKeys({ store, clock });
    await store.createTenant({ id: 'acme', name: 'Acme' });
    await store.createTenant({ id: 'globex', name: 'Globex' });
  });

  const refused = (key: string): Promise<void> =>
    expect(keys.authenticate(key)).rejects.toMatchObject({ code: 'unauthenticated' });

  it('tells tenant, key and mode of a minted key', async () => {
    const { key, keyId } = await keys.mint('acme', 'live', 'server');
    expect(await keys.authenticate(key)).toEqual({ tenantId: 'acme', keyId, mode: 'live' });
  });

  it('stores nothing from which the key could be made again', async () => {
    const { key, keyId } = await keys.mint('acme', 'live', 'server');
    const record = await store.apiKey(keyId);
    expect(JSON.stringify(record)).not.toContain(key.slice(20, 40));
    expect(record).toMatchObject({ tenantId: 'acme', label: 'server', createdAtMs: clock.nowMs() });
  });

  it('refuses a mistyped key without asking the store', async () => {
    const { key } = await keys.mint('acme', 'test', 'server');
    await refused(key.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a')));
    expect(store.lookups).toBe(0);
  });

  it('refuses a well-formed key that was never minted', async () => {
    const stranger = new ApiKeys({ store: await storeOf('acme'), clock });
    await refused((await stranger.mint('acme', 'test', 'x')).key);
  });

  it('refuses the id of one key with the secret of another', async () => {
    const a = (await keys.mint('acme', 'test', 'a')).key;
    const b = (await keys.mint('globex', 'test', 'b')).key;
    await keys.authenticate(a);
    await refused(withChecksum(a.slice(0, 20) + b.slice(20, 63)));
  });

  it('refuses a test key that calls itself a live key', async () => {
    const { key } = await keys.mint('acme', 'test', 'a');
    await refused(withChecksum(key.replace('_test_', '_live_').slice(0, 63)));
  });

  it('asks the store once in 30 s for a key it believed', async () => {
    const { key } = await keys.mint('acme', 'live', 'server');
    await keys.authenticate(key);
    await keys.authenticate(key);
    await clock.advance(29_999);
    await keys.authenticate(key);
    expect(store.lookups).toBe(1);
    await clock.advance(1);
    await keys.authenticate(key);
    expect(store.lookups).toBe(2);
  });

  it('knows its keys while the store is away, and lets nobody else in', async () => {
    const known = (await keys.mint('acme', 'live', 'a')).key;
    const unseen = (await keys.mint('acme', 'live', 'b')).key;
    await keys.authenticate(known);
    store.away = true;
    await expect(keys.authenticate(known)).resolves.toMatchObject({ tenantId: 'acme' });
    await expect(keys.authenticate(unseen)).rejects.toThrow('the store is away');
  });

  it('refuses a revoked key at once here, and after 30 s elsewhere', async () => {
    const elsewhere = new ApiKeys({ store, clock });
    const { key, keyId } = await keys.mint('acme', 'live', 'server');
    await keys.authenticate(key);
    await elsewhere.authenticate(key);
    await keys.revoke('acme', keyId);
    await refused(key);
    await clock.advance(30_000);
    await expect(elsewhere.authenticate(key)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it("does not find another tenant's key to revoke (I7)", async () => {
    const { key, keyId } = await keys.mint('acme', 'live', 'server');
    await expect(keys.revoke('globex', keyId)).rejects.toMatchObject({ code: 'not_found' });
    await expect(keys.authenticate(key)).resolves.toMatchObject({ tenantId: 'acme' });
  });

  it('mints for known tenants only', async () => {
    await expect(keys.mint('nobody', 'live', 'x')).rejects.toMatchObject({ code: 'not_found' });
  });
});

async function storeOf(tenantId: string): Promise<InMemoryTenantStore> {
  const store = new InMemoryTenantStore();
  await store.createTenant({ id: tenantId, name: tenantId });
  return store;
}

function withChecksum(body: string): string {
  return `${body}_${encodeBase62(BigInt(crc32(body)), 6)}`;
}
