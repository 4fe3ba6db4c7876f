import type { CompiledQuery, DatabaseConnection, Driver, QueryResult, TransactionSettings } from 'kysely';
import type { ExclusiveTurn } from './exclusive-turn.js';
import { LibsqlError, type LibsqlThread } from './libsql-thread.js';

/**
 * Kysely's driver over the libsql thread: one connection, which belongs to one caller at a time.
 *
 * A transaction takes SQLite's write lock when it begins, because one that starts by reading can't become a writer
 * once another process has written in between. Only a transaction in access mode `read only` begins without it, and
 * sees one snapshot.
 */
export class LibsqlDriver implements Driver {
  readonly #turn: ExclusiveTurn;
  readonly #startThread: () => Promise<LibsqlThread>;
  #thread: LibsqlThread | undefined;
  #connection: LibsqlThreadConnection | undefined;

  constructor(turn: ExclusiveTurn, startThread: () => Promise<LibsqlThread>) {
    this.#turn = turn;
    this.#startThread = startThread;
  }

  async init(): Promise<void> {
    this.#thread = await this.#startThread();
    this.#connection = new LibsqlThreadConnection(this.#thread);
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    if (!this.#connection) throw new Error('the driver is not initialised');
    await this.#turn.take();
    return this.#connection;
  }

  async beginTransaction(_connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    await this.#thread?.execute(settings.accessMode === 'read only' ? 'begin' : 'begin immediate', []);
  }

  async commitTransaction(): Promise<void> {
    await this.#thread?.execute('commit', []);
  }

  /** SQLite has already rolled back after some failures (a full disk); that is not another failure. */
  async rollbackTransaction(): Promise<void> {
    try {
      await this.#thread?.execute('rollback', []);
    } catch (error) {
      if (error instanceof LibsqlError && error.message.includes('no transaction is active')) return;
      throw error;
    }
  }

  async releaseConnection(): Promise<void> {
    this.#turn.give();
  }

  /** Lets running and waiting work finish, as long as a caller would wait; then closes regardless. */
  async destroy(): Promise<void> {
    await this.#turn.close().catch(() => undefined);
    await this.#thread?.close();
  }
}

class LibsqlThreadConnection implements DatabaseConnection {
  readonly #thread: LibsqlThread;

  constructor(thread: LibsqlThread) {
    this.#thread = thread;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes } = await this.#thread.execute(query.sql, query.parameters);
    return {
      rows: rows as R[],
      ...(changes === undefined ? {} : { numAffectedRows: BigInt(changes) }),
    };
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('the embedded database does not stream');
  }
}
