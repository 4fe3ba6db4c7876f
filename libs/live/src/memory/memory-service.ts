import type { Content } from '@parley/event';
import type { Session, SessionKey } from '../session/session-service.js';

export interface MemoryEntry {
  readonly content: Content;
  readonly author: string;
  /** Integer milliseconds since the epoch. */
  readonly timestamp: number;
  readonly sessionId: string;
}

/**
 * ADK's MemoryService: what a user's earlier sessions are searched by. Nothing is written to it by itself. Another
 * tenant's, app's or user's memories are never found (I7).
 */
export interface MemoryService {
  /** Remembers what was said and written in the session; a session that comes again takes its own place. */
  addSessionToMemory(session: Session): Promise<void>;
  /** Best first, at most `limit` (default 10). */
  searchMemory(
    scope: Omit<SessionKey, 'sessionId'>,
    query: string,
    limit?: number,
  ): Promise<readonly MemoryEntry[]>;
}
