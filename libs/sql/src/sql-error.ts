import { ParleyError } from '@parley/kernel';

/** SQLite: full disk, read-only or lost file, lock not obtained in time. */
const SQLITE_UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|NOMEM)/;

/**
 * Classes 08 connection, 53 resources, 57 operator (shutdown, cancelled statement), 40 serialisation and deadlock.
 * [src: PostgreSQL 15 manual, appendix A]
 */
const POSTGRES_UNAVAILABLE = /^(08|53|57|40)[0-9A-Z]{3}$/;

/** Wrong password or role, no such database. */
const POSTGRES_MISCONFIGURED = /^(28|3D)[0-9A-Z]{3}$/;

const SOCKET_UNAVAILABLE = /^(ECONN\w+|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EPIPE|EHOSTUNREACH|ENETUNREACH)$/;

/** The errors that pg raises without a code. */
const PG_UNAVAILABLE =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|timeout expired|Query read timeout)/;

/** The vendors' errors end here: a caller sees `ParleyError` only, with the vendor's as its cause. */
export function toSqlError(thrown: unknown): ParleyError {
  if (thrown instanceof ParleyError) return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const message = thrown instanceof Error ? thrown.message : '';
  if (POSTGRES_MISCONFIGURED.test(code)) {
    return new ParleyError('invalid_config', 'The database refuses the configured name or password.', {
      kind: 'failed_precondition',
      cause: thrown,
    });
  }
  const passing =
    SQLITE_UNAVAILABLE.test(code) ||
    POSTGRES_UNAVAILABLE.test(code) ||
    SOCKET_UNAVAILABLE.test(code) ||
    PG_UNAVAILABLE.test(message);
  if (passing) return unavailable('The database is not available.', thrown);
  return new ParleyError('internal', 'Something went wrong on our side.', { cause: thrown });
}

/** For failures to open: what is neither busy nor away is set up wrongly (a directory, another file, no rights). */
export function toOpenError(thrown: unknown): ParleyError {
  const error = toSqlError(thrown);
  if (error.code !== 'internal') return error;
  return new ParleyError('invalid_config', 'The database file can not be opened.', {
    kind: 'failed_precondition',
    cause: thrown,
  });
}

export function unavailable(message: string, cause?: unknown): ParleyError {
  return new ParleyError('control_plane_unavailable', message, {
    kind: 'unavailable',
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
  });
}
