import type { EventJson } from '@parley/event';
import type { WireError } from './error-table.js';

/**
 * What the server says in JSON; the model's audio comes as binary frames instead. Clients ignore types that
 * they don't know. `seq` is given by the worker that owns the run, starts at 1 and has no gaps; the gateway's own
 * notices carry none.
 */
export type ServerMessage =
  | ReadyMessage
  | EventMessage
  | LatencyMessage
  | { readonly type: 'error'; readonly error: WireError }
  | { readonly type: 'inputDropped'; readonly ms: number; readonly reason: 'age' | 'budget' }
  | { readonly type: 'pong'; readonly t?: number }
  | { readonly type: 'goaway'; readonly inMs: number; readonly reason: 'drain' | 'superseded' }
  | { readonly type: 'ended'; readonly reason: EndReason };

export type EndReason = 'client' | 'agent' | 'drain' | 'max' | 'idle' | 'provider' | 'error' | 'superseded';

export interface ReadyMessage {
  readonly type: 'ready';
  readonly protocol: { readonly min: number; readonly max: number };
  readonly sessionId: string;
  readonly liveId: string;
  readonly agent: string;
  readonly provider: { readonly name: string; readonly model: string; readonly emulated: boolean };
  /** Events of earlier calls that the agent remembers. */
  readonly remembered: number;
}

/** One ADK event. Audio is not in it: it comes in binary frames of the same `turn`. */
export interface EventMessage {
  readonly type: 'event';
  readonly seq: number;
  /** The model turn that the event belongs to; frames of an interrupted turn never follow its `interrupted`. */
  readonly turn: number;
  readonly event: EventJson;
}

/** Sent with the first audio of each turn: how long the caller waited, and where the time went. */
export interface LatencyMessage {
  readonly type: 'latency';
  readonly turn: number;
  readonly trigger: 'speech' | 'text' | 'tool';
  /** From the end of the triggering input to the first audio byte, on the gateway's clock. */
  readonly firstAudioMs: number;
}
