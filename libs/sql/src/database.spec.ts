import { ParleyError } from '@parley/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from './database.js';
import { openDatabase } from './open-database.js';
import { openTemporaryDatabase, type TemporaryDatabase } from './testing/index.js';

const acme = { id: 'acme', name: 'Acme', created_at: 1 };

describe('Database on libsql', () => {
  let temporary: TemporaryDatabase;

  beforeEach(async () => {
    temporary = await openTemporaryDatabase();
  });

  afterEach(() => temporary.remove());

  const tenantIds = async (): Promise<string[]> => {
    const rows = await temporary.database.query((db) =>
      db.selectFrom('tenants').select('id').orderBy('id').execute(),
    );
    return rows.map((row) => row.id);
  };

  it('takes a failed write back whole, and passes a ParleyError on', async () => {
    const refusal = new ParleyError('not_found', 'No.');
    const write = temporary.database.write(async (db) => {
      await db.insertInto('tenants').values(acme).execute();
      throw refusal;
    });
    await expect(write).rejects.toBe(refusal);
    expect(await tenantIds()).toEqual([]);
  });

  it('hides what the database said behind an internal error', async () => {
    await temporary.database.query((db) => db.insertInto('tenants').values(acme).execute());
    const again = temporary.database.query((db) => db.insertInto('tenants').values(acme).execute());
    await expect(again).rejects.toMatchObject({
      code: 'internal',
      message: 'Something went wrong on our side.',
      cause: { code: 'SQLITE_CONSTRAINT_PRIMARYKEY' },
    });
  });

  it('keeps a transaction together while others write', async () => {
    const { database } = temporary;
    await Promise.all([
      database.write(async (db) => {
        for (const id of ['a', 'b', 'c']) {
          await db
            .insertInto('tenants')
            .values({ ...acme, id })
            .execute();
        }
        const seen = await db.selectFrom('tenants').select('id').execute();
        expect(seen).toHaveLength(3);
      }),
      database.query((db) =>
        db
          .insertInto('tenants')
          .values({ ...acme, id: 'z' })
          .execute(),
      ),
    ]);
    expect(await tenantIds()).toEqual(['a', 'b', 'c', 'z']);
  });

  it('sees one moment in a snapshot while another process would write', async () => {
    const other = await openDatabase({ url: temporary.url });
    await temporary.database.snapshot(async (db) => {
      const count = async (): Promise<number> =>
        (await db.selectFrom('tenants').select('id').execute()).length;
      expect(await count()).toBe(0);
      await other.query((db2) => db2.insertInto('tenants').values(acme).execute());
      expect(await count()).toBe(0);
    });
    expect(await tenantIds()).toEqual(['acme']);
    await other.close();
  });

  it('loses no update of processes that read first and then write', async () => {
    const other = await openDatabase({ url: temporary.url });
    await temporary.database.query((db) => db.insertInto('tenants').values(acme).execute());
    const increment = (database: Database): Promise<void> =>
      database.write(async (db) => {
        const { created_at } = await db.selectFrom('tenants').select('created_at').executeTakeFirstOrThrow();
        await db
          .updateTable('tenants')
          .set({ created_at: created_at + 1 })
          .execute();
      });
    const both = Array.from({ length: 25 }, () => [increment(temporary.database), increment(other)]);
    await Promise.all(both.flat());
    const rows = await other.query((db) => db.selectFrom('tenants').select('created_at').execute());
    expect(rows).toEqual([{ created_at: acme.created_at + 50 }]);
    await other.close();
  });

  it('gives up on a lock after the busy timeout, and works again once the lock is free', async () => {
    const impatient = await openDatabase({ url: temporary.url, busyTimeoutMs: 100 });
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let hold = (): void => undefined;
    const held = new Promise<void>((resolve) => (hold = resolve));
    const holder = temporary.database.write(async () => {
      hold();
      await released;
    });
    await held;
    const insert = (): Promise<unknown> =>
      impatient.write((db) => db.insertInto('tenants').values(acme).execute());
    await expect(insert()).rejects.toMatchObject({ code: 'control_plane_unavailable', retryable: true });
    release();
    await holder;
    await impatient.snapshot((db) => db.selectFrom('tenants').select('id').execute());
    await insert();
    expect(await tenantIds()).toEqual(['acme']);
    await impatient.close();
  });

  it('refuses a value that libsql would abort on, and goes on', async () => {
    const bad = temporary.database.query((db) =>
      db
        .updateTable('tenants')
        .set({ name: true as unknown as string })
        .execute(),
    );
    await expect(bad).rejects.toMatchObject({ code: 'internal', details: { type: 'boolean' } });
    expect(await tenantIds()).toEqual([]);
  });

  it('refuses an api key of a tenant that is not there', async () => {
    const orphan = {
      id: 'k',
      tenant_id: 'nobody',
      label: '',
      secret_hash: '',
      created_at: 1,
      revoked_at: null,
    };
    await expect(
      temporary.database.query((db) => db.insertInto('api_keys').values(orphan).execute()),
    ).rejects.toMatchObject({ code: 'internal' });
  });

  it('finishes what was begun before it closes, and refuses what comes later', async () => {
    const { database } = temporary;
    const writes = ['a', 'b', 'c'].map((id) =>
      database.write((db) =>
        db
          .insertInto('tenants')
          .values({ ...acme, id })
          .execute(),
      ),
    );
    const settled = Promise.allSettled(writes);
    await Promise.all([database.close(), database.close()]);
    expect((await settled).map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    await expect(tenantIds()).rejects.toMatchObject({ code: 'control_plane_unavailable' });
    const again = await openDatabase({ url: temporary.url });
    expect(await again.query((db) => db.selectFrom('tenants').select('id').execute())).toHaveLength(3);
    await again.close();
  });
});
