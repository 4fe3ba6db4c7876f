import type { Log } from '@parley/kernel';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { unavailable } from '../sql-error.js';

export interface PostgresPoolOptions {
  readonly url: string;
  readonly log: Log;
  readonly maxConnections: number;
  /** Who asks for a connection when this many wait already is refused. */
  readonly maxWaiting: number;
  /** Bounds both waiting for a free connection and making a new one. */
  readonly waitMs: number;
}

/** A statement that runs longer is ended by the server; waiting for a row lock counts. */
const STATEMENT_TIMEOUT_MS = 30_000;

const BIGINT_OID = 20;

type TextParser = (text: string) => unknown;

/** Our bigints are milliseconds and counts, far below 2^53; pg would hand them out as strings. */
const typesWithNumbers: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === BIGINT_OID
      ? Number
      : (pg.types.getTypeParser(oid, format) as TextParser)) as typeof pg.types.getTypeParser,
};

/** Connections to a Postgres, bounded in number, in waiters and in time. */
export class BoundedPostgresPool implements PostgresPool {
  readonly #pool: pg.Pool;
  readonly #maxWaiting: number;

  constructor(options: PostgresPoolOptions) {
    this.#maxWaiting = options.maxWaiting;
    this.#pool = new pg.Pool({
      connectionString: options.url,
      max: options.maxConnections,
      connectionTimeoutMillis: options.waitMs,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
      application_name: 'parley',
      types: typesWithNumbers,
    });
    const lost = (error: Error): void =>
      options.log.warn('a database connection was lost', { reason: error.message });
    this.#pool.on('error', lost);
    // The pool listens to idle connections only; one that breaks while it is in use would end the process.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  connect(): Promise<PostgresPoolClient> {
    if (this.#pool.waitingCount >= this.#maxWaiting) {
      return Promise.reject(unavailable('Too many requests wait for the database.'));
    }
    return this.#pool.connect();
  }

  end(): Promise<void> {
    return this.#pool.end();
  }
}
