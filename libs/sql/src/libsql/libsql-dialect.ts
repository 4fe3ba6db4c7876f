import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
} from 'kysely';
import type { Clock } from '@parley/kernel';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ExclusiveTurn } from './exclusive-turn.js';
import { LibsqlDriver } from './libsql-driver.js';
import { LibsqlThread } from './libsql-thread.js';
import { toOpenError } from '../sql-error.js';

export interface LibsqlDialectOptions {
  readonly path: string;
  readonly threadScript: URL;
  readonly clock: Clock;
  readonly busyTimeoutMs: number;
  readonly maxWaiting: number;
  readonly waitMs: number;
}

/** SQLite's SQL, on a libsql file behind a thread. A missing directory of the file is made. */
export class LibsqlDialect implements Dialect {
  readonly #options: LibsqlDialectOptions;

  constructor(options: LibsqlDialectOptions) {
    this.#options = options;
  }

  createDriver(): Driver {
    const { path, threadScript, clock, busyTimeoutMs, maxWaiting, waitMs } = this.#options;
    const turn = new ExclusiveTurn({ clock, capacity: maxWaiting, waitMs });
    return new LibsqlDriver(turn, async () => {
      try {
        await mkdir(dirname(path), { recursive: true });
        return await LibsqlThread.start(threadScript, { path, busyTimeoutMs });
      } catch (error) {
        throw toOpenError(error);
      }
    });
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new TransactionalSqliteAdapter();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

/**
 * Makes Kysely migrate inside a transaction, which this driver begins with the write lock: processes that start
 * together migrate one after the other. Kysely's own SQLite adapter assumes a single process.
 */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}
