import { ParleyError, systemClock, type Clock } from '@parley/kernel';
import type { ApiKeyRecord, Tenant, TenantStore } from '@parley/tenancy';
import type { Database } from '../database.js';

/** Tenants and API keys in SQL. */
export class SqlTenantStore implements TenantStore {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock = systemClock) {
    this.#database = database;
    this.#clock = clock;
  }

  async createTenant(tenant: Tenant): Promise<void> {
    await this.#database.query((db) =>
      db
        .insertInto('tenants')
        .values({ id: tenant.id, name: tenant.name, created_at: this.#clock.nowMs() })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute(),
    );
  }

  tenant(id: string): Promise<Tenant | undefined> {
    return this.#database.query((db) =>
      db.selectFrom('tenants').where('id', '=', id).select(['id', 'name']).executeTakeFirst(),
    );
  }

  async saveApiKey(key: ApiKeyRecord): Promise<void> {
    await this.#database.write(async (db) => {
      const tenant = await db
        .selectFrom('tenants')
        .where('id', '=', key.tenantId)
        .select('id')
        .executeTakeFirst();
      if (!tenant) throw new ParleyError('not_found', 'No such tenant.', { kind: 'not_found' });
      const saved = await db
        .insertInto('api_keys')
        .values({
          id: key.id,
          tenant_id: key.tenantId,
          label: key.label,
          secret_hash: key.secretHash,
          created_at: key.createdAtMs,
          revoked_at: key.revokedAtMs ?? null,
        })
        .onConflict((conflict) =>
          conflict
            .column('id')
            .doUpdateSet({ label: key.label, revoked_at: key.revokedAtMs ?? null })
            .where('api_keys.tenant_id', '=', key.tenantId)
            .where('api_keys.secret_hash', '=', key.secretHash),
        )
        .returning('id')
        .executeTakeFirst();
      if (!saved) throw new ParleyError('internal', 'The key id is taken.', { kind: 'already_exists' });
    });
  }

  async apiKey(id: string): Promise<ApiKeyRecord | undefined> {
    const row = await this.#database.query((db) =>
      db.selectFrom('api_keys').where('id', '=', id).selectAll().executeTakeFirst(),
    );
    if (!row) return undefined;
    return {
      id: row.id,
      tenantId: row.tenant_id,
      label: row.label,
      secretHash: row.secret_hash,
      createdAtMs: row.created_at,
      ...(row.revoked_at === null ? {} : { revokedAtMs: row.revoked_at }),
    };
  }
}
