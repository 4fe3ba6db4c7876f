import Libsql from 'libsql';
import type { LibsqlThreadData, SqlParameter } from './thread-protocol.js';

/** Compiled statements are kept, because preparing costs more than running most of them. */
const KEPT_STATEMENTS = 256;

/** After this long a waiter asks for the lock less often. */
const EAGER_WAIT_MS = 100;

/**
 * One synchronous connection to a database file that other processes have open too. Lives in the libsql thread.
 *
 * 1. A statement that meets another process's lock is tried again about every millisecond until `busyTimeoutMs`.
 *    SQLite's own busy handler backs off to 100 ms: two busy writers then starve each other for seconds.
 * 2. A statement that stayed locked out is given up together with its connection, which is opened anew: libsql
 *    leaves such a statement in progress, and every later COMMIT of the connection would fail.
 *    [src: tursodatabase/libsql-js pull request 237]
 */
export class LibsqlConnection {
  readonly #data: LibsqlThreadData;
  readonly #pause = new Int32Array(new SharedArrayBuffer(4));
  readonly #statements = new Map<string, Libsql.Statement>();
  #database: Libsql.Database;

  constructor(data: LibsqlThreadData) {
    this.#data = data;
    this.#database = this.#open();
  }

  execute(
    sql: string,
    parameters: readonly SqlParameter[],
  ): { rows: readonly unknown[]; changes: number | undefined } {
    try {
      return this.#patiently(() => {
        const statement = this.#prepare(sql);
        if (statement.reader) return { rows: statement.all([...parameters]), changes: undefined };
        return { rows: [], changes: statement.run([...parameters]).changes };
      });
    } catch (error) {
      if (isLocked(error)) this.#reopen();
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #open(): Libsql.Database {
    const database = new Libsql(this.#data.path);
    try {
      this.#patiently(() => database.prepare('pragma journal_mode = wal').all());
      database.prepare('pragma synchronous = normal').run();
      database.prepare('pragma foreign_keys = on').run();
    } catch (error) {
      database.close();
      throw error;
    }
    return database;
  }

  #reopen(): void {
    this.close();
    this.#database = this.#open();
  }

  #prepare(sql: string): Libsql.Statement {
    const kept = this.#statements.get(sql);
    if (kept) return kept;
    const statement = this.#database.prepare(sql);
    if (this.#statements.size >= KEPT_STATEMENTS) {
      const oldest = this.#statements.keys().next();
      if (!oldest.done) this.#statements.delete(oldest.value);
    }
    this.#statements.set(sql, statement);
    return statement;
  }

  #patiently<T>(attempt: () => T): T {
    const startedMs = performance.now();
    for (;;) {
      try {
        return attempt();
      } catch (error) {
        const waitedMs = performance.now() - startedMs;
        if (!isLocked(error) || waitedMs >= this.#data.busyTimeoutMs) throw error;
        Atomics.wait(this.#pause, 0, 0, waitedMs < EAGER_WAIT_MS ? 0.7 : 5);
      }
    }
  }
}

/** `SQLITE_BUSY_SNAPSHOT` is not among these: waiting never cures it. */
function isLocked(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === 'SQLITE_BUSY' || error.code === 'SQLITE_BUSY_RECOVERY';
}
