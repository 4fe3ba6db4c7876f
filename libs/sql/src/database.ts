import type { Kysely, Transaction } from 'kysely';
import type { Schema } from './schema.js';
import { toSqlError, unavailable } from './sql-error.js';

/**
 * An open database, whichever dialect it speaks.
 *
 * 1. What `work` throws as `ParleyError` passes; every other failure leaves as `control_plane_unavailable` (may be
 *    tried again) or `internal`.
 * 2. `work` must await every query it starts, and runs nothing but queries: on the embedded database it holds the
 *    only connection, and in `write` the file's write lock.
 * 3. `close` lets running work finish and may be called twice; whoever opened the database closes it.
 */
export class Database {
  readonly #kysely: Kysely<Schema>;
  #closing: Promise<void> | undefined;

  constructor(kysely: Kysely<Schema>) {
    this.#kysely = kysely;
  }

  /** One statement, outside a transaction. */
  query<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
    return this.#run(() => work(this.#kysely));
  }

  /** Several reads that see one moment. */
  snapshot<T>(work: (db: Transaction<Schema>) => Promise<T>): Promise<T> {
    return this.#run(() =>
      this.#kysely
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute(work),
    );
  }

  /** All of it or nothing. */
  write<T>(work: (db: Transaction<Schema>) => Promise<T>): Promise<T> {
    return this.#run(() => this.#kysely.transaction().execute(work));
  }

  close(): Promise<void> {
    this.#closing ??= this.#kysely.destroy();
    return this.#closing;
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing) throw unavailable('The database is closed.');
    try {
      return await work();
    } catch (error) {
      throw toSqlError(error);
    }
  }
}
