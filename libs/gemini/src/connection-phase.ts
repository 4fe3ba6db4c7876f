import type { CancelTimer } from '@parley/kernel';
import type { ReplacementReason } from '@parley/live';
import type { GeminiSocketConnection } from './gemini-socket-connection.js';
import type { Rotation } from './rotation.js';

export interface OpenPhase {
  readonly kind: 'open';
  readonly socket: GeminiSocketConnection;
  readonly rotation: Rotation;
  readonly cancelUptime: CancelTimer;
  attached: boolean;
  /** The model has said something here. */
  heard: boolean;
  /** Something was said to the model here, beside history. */
  spoken: boolean;
}

/** Where a conversation stands with its sockets; what belongs to a phase only, lives on it. */
export type ConnectionPhase =
  | OpenPhase
  /** The old socket says goodbye. */
  | {
      readonly kind: 'draining';
      readonly socket: GeminiSocketConnection;
      readonly reason: ReplacementReason;
      readonly sinceMs: number;
    }
  | { readonly kind: 'resuming'; readonly stop: AbortController }
  /** Ours: the last socket says goodbye. */
  | { readonly kind: 'closing'; readonly socket: GeminiSocketConnection }
  | { readonly kind: 'closed' };

/** How a rotation came out that somebody asked for. */
export type RotationOutcome = 'rotated' | 'ended';
