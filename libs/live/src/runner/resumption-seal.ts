import type { SessionKey } from '../session/session-service.js';

/**
 * Closes a provider's resumption handle for storage and for clients, and opens it again: who holds the handle in the
 * clear can take the conversation over. What is sealed for one session opens for no other. Sealing the same handle
 * twice may give two tokens.
 */
export interface ResumptionSeal {
  seal(handle: string, session: SessionKey): string;
  /** Undefined for what this service did not seal for this session. */
  open(token: string, session: SessionKey): string | undefined;
}
