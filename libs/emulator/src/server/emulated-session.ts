import type { Reply } from '../brain/brain.js';
import type { Setup } from '../codec/setup.js';
import type { SessionEvent } from './event-log.js';

/** A session as tests see and steer it. */
export interface EmulatedSession {
  readonly id: string;
  /** The id of the session's first connection; the same on all that resume it. */
  readonly lineage: string;
  /** Wherever sessions are listed, those of an emulator are to be told from real ones. */
  readonly label: 'emulated';
  readonly scenario: string;
  readonly api: 'gemini' | 'vertex';
  /** Undefined until the setup was accepted, and for load sessions. */
  readonly setup: Setup | undefined;
  readonly closed: boolean;
  /** The newest messages in both directions. */
  readonly events: readonly SessionEvent[];
  /** Makes the model say or call this now, interrupting its turn. */
  inject(reply: Reply): void;
  /** Announces the end of the connection and ends it in `timeLeftMs`. */
  goAway(timeLeftMs: number): void;
  /** Closes the WebSocket with this code and reason. */
  hangUp(code: number, reason: string): void;
  /** Breaks the TCP connection without a closing handshake. */
  reset(): void;
  /** Holds back everything that would be sent, up to 1,000 messages, until `resume`. */
  stall(): void;
  resume(): void;
  /** Sends a text frame as it is, for malformed messages. */
  sendRaw(text: string): void;
}
