import { InMemoryTenantStore } from './in-memory-tenant-store.js';
import { describeTenantStore } from './testing/index.js';

describeTenantStore('InMemoryTenantStore', () => new InMemoryTenantStore());
