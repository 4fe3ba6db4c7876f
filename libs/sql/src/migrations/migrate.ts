import { Migrator, type Kysely } from 'kysely';
import type { Schema } from '../schema.js';
import { toSqlError } from '../sql-error.js';
import { MIGRATIONS } from './migration-list.js';

/**
 * Brings the schema to this program's version. Several processes may do so at once: one migrates, the others wait
 * and find nothing left to do. A schema that is newer than this program is left alone, so that a process of the
 * previous version can restart in the middle of a roll-out.
 */
export async function migrate(db: Kysely<Schema>, migrations = MIGRATIONS): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
    migrationTableName: 'parley_migration',
    migrationLockTableName: 'parley_migration_lock',
  });
  try {
    const known = await migrator.getMigrations();
    if (known.every((migration) => migration.executedAt !== undefined)) return;
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw toSqlError(error);
  } catch (error) {
    throw toSqlError(error);
  }
}
