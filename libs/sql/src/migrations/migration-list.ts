import type { Migration } from 'kysely';
import * as tenantsAndSessions from './0001-tenants-and-sessions.js';
import * as sessionFence from './0002-session-fence.js';

/** In order of their names. A migration that was ever released is not edited; another one follows it. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-tenants-and-sessions': tenantsAndSessions,
  '0002-session-fence': sessionFence,
};
