import { ParleyError, silentLog, systemClock, type Clock, type Log } from '@parley/kernel';
import { Kysely, PostgresDialect, type Dialect } from 'kysely';
import { fileURLToPath } from 'node:url';
import { Database } from './database.js';
import { LibsqlDialect } from './libsql/libsql-dialect.js';
import { findThreadScript } from './libsql/thread-script.js';
import { migrate } from './migrations/migrate.js';
import { BoundedPostgresPool } from './postgres/postgres-pool.js';
import type { Schema } from './schema.js';

export interface DatabaseOptions {
  /** `file:<path>` for an embedded database (the file is made when missing), or `postgres://…`. */
  readonly url: string;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Embedded: how long a statement waits for another process's lock. Default 5 000. */
  readonly busyTimeoutMs?: number;
  /** Embedded: the built thread, when it does not lie in `dist/threads` beside this program. */
  readonly threadScript?: URL;
  /** Postgres: default 10. */
  readonly maxConnections?: number;
}

/** Callers that may wait for a connection before the next one is refused. */
const MAX_WAITING = 1_000;

/** How long each of them waits. */
const WAIT_MS = 10_000;

/**
 * Opens the database and brings its schema up to date. Several processes may open the same one at once.
 * Throws `ParleyError` `invalid_config` for a URL of another kind, `control_plane_unavailable` when it can't be
 * reached.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const kysely = new Kysely<Schema>({ dialect: dialectOf(options) });
  const database = new Database(kysely);
  try {
    await migrate(kysely);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

function dialectOf(options: DatabaseOptions): Dialect {
  const { url, clock = systemClock, log = silentLog, busyTimeoutMs = 5_000, maxConnections = 10 } = options;
  if (/^postgres(ql)?:\/\//.test(url)) {
    const limits = { maxConnections, maxWaiting: MAX_WAITING, waitMs: WAIT_MS };
    return new PostgresDialect({ pool: new BoundedPostgresPool({ url, log, ...limits }) });
  }
  const path = filePathOf(url);
  if (path === undefined) {
    throw new ParleyError('invalid_config', 'The database URL must begin with file: or postgres://.', {
      kind: 'invalid_argument',
    });
  }
  const threadScript = options.threadScript ?? findThreadScript();
  return new LibsqlDialect({
    path,
    threadScript,
    clock,
    busyTimeoutMs,
    maxWaiting: MAX_WAITING,
    waitMs: WAIT_MS,
  });
}

/** Understands `file:data/parley.db`, `file:/var/lib/parley.db` and `file:///var/lib/parley.db`. */
function filePathOf(url: string): string | undefined {
  if (!url.startsWith('file:') || url.includes('?')) return undefined;
  const path = url.startsWith('file://') ? pathOfFileUrl(url) : url.slice('file:'.length);
  return path === '' || path === ':memory:' ? undefined : path;
}

function pathOfFileUrl(url: string): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}
