import type { Event } from '@parley/event';

/** Whose session: ADK's key (appName, userId, sessionId) within a tenant. */
export interface SessionKey {
  readonly tenantId: string;
  readonly appName: string;
  readonly userId: string;
  readonly sessionId: string;
}

/** ADK's Session: durable, called again and again. */
export interface Session extends SessionKey {
  /** Merged view: the session's own keys, `user:` keys of the user, `app:` keys of the app. */
  readonly state: Readonly<Record<string, unknown>>;
  /** In the order they were appended. */
  readonly events: readonly Event[];
  /** Integer milliseconds since the epoch. */
  readonly lastUpdateTime: number;
}

/** Which events a session is read with; by default all. Both together: the newest of those since. */
export interface GetSessionOptions {
  /** Only the newest this many. */
  readonly numRecentEvents?: number;
  /** Only those of this time (integer milliseconds since the epoch) or later. */
  readonly afterTimestamp?: number;
}

/**
 * Where sessions are kept. Another tenant's key answers as if the session did not exist (I7).
 *
 * `appendEvent` stores the event and applies its `actions.stateDelta` in one transaction: keys under `app:` go to
 * all sessions of the app (within the tenant), under `user:` to all of the user's, under `temp:` nowhere.
 */
export interface SessionService {
  /** Throws `ParleyError` `session_busy` when the session exists. */
  createSession(key: SessionKey, state?: Readonly<Record<string, unknown>>): Promise<Session>;
  getSession(key: SessionKey, options?: GetSessionOptions): Promise<Session | undefined>;
  /** Without events, newest first. */
  listSessions(scope: Omit<SessionKey, 'sessionId'>): Promise<readonly Session[]>;
  deleteSession(key: SessionKey): Promise<void>;
  /**
   * Throws `ParleyError` `session_not_found`, and `superseded` when a writer with a higher `fence` came since.
   * Appending an event id twice is a no-op.
   */
  appendEvent(key: SessionKey, event: Event, fence?: number): Promise<void>;
  /**
   * From now on writers with a lower fence are refused, so that what is read after this stays all that they wrote. The
   * fence of a live run is its epoch (I1). Lowers nothing; a session that does not exist is left so.
   */
  raiseFence(key: SessionKey, fence: number): Promise<void>;
}
