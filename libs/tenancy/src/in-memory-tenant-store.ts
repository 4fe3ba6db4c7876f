import { ParleyError } from '@parley/kernel';
import type { ApiKeyRecord, Tenant, TenantStore } from './tenant-store.js';

/** Tenants and keys in this process's memory, for tests: nothing is bounded and nothing survives. */
export class InMemoryTenantStore implements TenantStore {
  readonly #tenants = new Map<string, Tenant>();
  readonly #keys = new Map<string, ApiKeyRecord>();

  async createTenant(tenant: Tenant): Promise<void> {
    if (!this.#tenants.has(tenant.id)) this.#tenants.set(tenant.id, { ...tenant });
  }

  async tenant(id: string): Promise<Tenant | undefined> {
    return this.#tenants.get(id);
  }

  async saveApiKey(key: ApiKeyRecord): Promise<void> {
    if (!this.#tenants.has(key.tenantId)) {
      throw new ParleyError('not_found', 'No such tenant.', { kind: 'not_found' });
    }
    const saved = this.#keys.get(key.id);
    if (saved && (saved.tenantId !== key.tenantId || saved.secretHash !== key.secretHash)) {
      throw new ParleyError('internal', 'The key id is taken.', { kind: 'already_exists' });
    }
    this.#keys.set(key.id, { ...key, createdAtMs: saved?.createdAtMs ?? key.createdAtMs });
  }

  async apiKey(id: string): Promise<ApiKeyRecord | undefined> {
    return this.#keys.get(id);
  }
}
