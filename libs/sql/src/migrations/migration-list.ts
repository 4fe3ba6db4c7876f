import type { Migration } from 'kysely';
import * as tenantsAndSessions from './0001-tenants-and-sessions.js';

/** In order of their names. A migration that was ever released is not edited; another one follows it. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-tenants-and-sessions': tenantsAndSessions,
};
