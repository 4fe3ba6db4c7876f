export interface Tenant {
  readonly id: string;
  readonly name: string;
}

export interface ApiKeyRecord {
  /** The public part of the key, by which it is looked up. */
  readonly id: string;
  readonly tenantId: string;
  readonly label: string;
  /** SHA-256 of the whole key, hex: its secret has 256 random bits, so no slow hash is needed. */
  readonly secretHash: string;
  readonly createdAtMs: number;
  readonly revokedAtMs?: number;
}

/** Where tenants and their keys are kept. */
export interface TenantStore {
  /** A no-op when the tenant exists: several processes may create the same one at their start. */
  createTenant(tenant: Tenant): Promise<void>;
  tenant(id: string): Promise<Tenant | undefined>;
  /**
   * Adds the key, or updates label and revocation of the same key. Throws `ParleyError` `not_found` for an unknown
   * tenant, and `internal` when the id belongs to a key of another tenant or with another secret.
   */
  saveApiKey(key: ApiKeyRecord): Promise<void>;
  /** The one lookup without a tenant: it is what tells who the tenant is. Revoked keys are found too. */
  apiKey(id: string): Promise<ApiKeyRecord | undefined>;
}
