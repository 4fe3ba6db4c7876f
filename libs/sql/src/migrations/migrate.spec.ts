import { Kysely, sql, type Migration } from 'kysely';
import { systemClock } from '@parley/kernel';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LibsqlDialect } from '../libsql/libsql-dialect.js';
import { findThreadScript } from '../libsql/thread-script.js';
import type { Schema } from '../schema.js';
import { migrate } from './migrate.js';
import { MIGRATIONS } from './migration-list.js';

describe('migrate', () => {
  let directory: string;
  let opened: Kysely<Schema>[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'parley-migrate-'));
    opened = [];
  });

  afterEach(async () => {
    await Promise.all(opened.map((db) => db.destroy()));
    await rm(directory, { recursive: true, force: true });
  });

  const open = (): Kysely<Schema> => {
    const dialect = new LibsqlDialect({
      path: join(directory, 'parley.db'),
      threadScript: findThreadScript(),
      clock: systemClock,
      busyTimeoutMs: 5_000,
      maxWaiting: 10,
      waitMs: 5_000,
    });
    const db = new Kysely<Schema>({ dialect });
    opened.push(db);
    return db;
  };

  const tables = async (db: Kysely<Schema>): Promise<string[]> =>
    (await db.introspection.getTables()).map((table) => table.name).sort();

  it('runs each migration once when several start together', async () => {
    let runs = 0;
    const counted: Migration = {
      up: async (db) => {
        runs += 1;
        await sql`create table counted (n integer)`.execute(db);
      },
    };
    const list = { ...MIGRATIONS, '9999-counted': counted };
    await Promise.all([open(), open(), open(), open()].map((db) => migrate(db, list)));
    expect(runs).toBe(1);
    expect(await tables(open())).toContain('counted');
  });

  it('leaves nothing of a migration that fails', async () => {
    const half: Migration = {
      up: async (db) => {
        await sql`create table half (n integer)`.execute(db);
        throw new Error('and then it broke');
      },
    };
    const db = open();
    await migrate(db);
    await expect(migrate(db, { ...MIGRATIONS, '9999-half': half })).rejects.toMatchObject({
      code: 'internal',
    });
    expect(await tables(db)).not.toContain('half');
    await migrate(db);
  });

  it('leaves a schema alone that a newer program has made', async () => {
    const newer: Migration = {
      up: async (db) => void (await sql`create table newer (n integer)`.execute(db)),
    };
    const db = open();
    await migrate(db, { ...MIGRATIONS, '9999-newer': newer });
    await migrate(db);
    expect(await tables(db)).toContain('newer');
  });
});
