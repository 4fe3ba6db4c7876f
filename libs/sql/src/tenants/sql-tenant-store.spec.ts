import { ApiKeys, ensureDevelopmentTenant } from '@parley/tenancy';
import { describeTenantStore } from '@parley-testing/tenancy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTemporaryDatabase, type TemporaryDatabase } from '../testing/index.js';
import { SqlTenantStore } from './sql-tenant-store.js';

let temporary: TemporaryDatabase;

beforeAll(async () => {
  temporary = await openTemporaryDatabase();
});

afterAll(() => temporary.remove());

describeTenantStore('SqlTenantStore on libsql', () => new SqlTenantStore(temporary.database));

describe('SqlTenantStore', () => {
  it('serves the development tenant and its key', async () => {
    const store = new SqlTenantStore(temporary.database);
    const { key } = await ensureDevelopmentTenant(store);
    await ensureDevelopmentTenant(store, { presetKey: key });
    expect(await new ApiKeys({ store }).authenticate(key)).toMatchObject({ tenantId: 'dev', mode: 'test' });
  });
});
