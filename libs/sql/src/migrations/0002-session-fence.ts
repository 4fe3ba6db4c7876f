import type { Kysely } from 'kysely';

/** The epoch of the live run that wrote last: a stale owner is refused (I1). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('sessions')
    .addColumn('fence', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
}
