import type { Generated } from 'kysely';

/** The tables as both dialects have them. JSON is text; times are integer milliseconds since the epoch. */
export interface Schema {
  tenants: TenantsTable;
  api_keys: ApiKeysTable;
  sessions: SessionsTable;
  events: EventsTable;
  app_state: AppStateTable;
  user_state: UserStateTable;
}

export interface TenantsTable {
  id: string;
  name: string;
  created_at: number;
}

export interface ApiKeysTable {
  id: string;
  tenant_id: string;
  label: string;
  secret_hash: string;
  created_at: number;
  revoked_at: number | null;
}

export interface SessionsTable {
  tenant_id: string;
  app_name: string;
  user_id: string;
  id: string;
  /** A JSON object: the session's own keys only. */
  state: string;
  created_at: number;
  updated_at: number;
  /** The highest epoch of a live run that wrote here; 0 for none. */
  fence: Generated<number>;
}

export interface EventsTable {
  tenant_id: string;
  app_name: string;
  user_id: string;
  session_id: string;
  /** 1, 2, 3 … within a session, without gaps. */
  ordinal: number;
  id: string;
  /** With `id` and `author`: as `columnText`; the event itself is `json`. */
  invocation_id: string;
  author: string;
  timestamp_ms: number;
  json: string;
}

/** One row a key, so that sessions of one app that write different keys at once do not overwrite each other. */
export interface AppStateTable {
  tenant_id: string;
  app_name: string;
  /** Without the `app:` prefix, as `columnText`. */
  key: string;
  value: string;
}

export interface UserStateTable {
  tenant_id: string;
  app_name: string;
  user_id: string;
  /** Without the `user:` prefix, as `columnText`. */
  key: string;
  value: string;
}
