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
  | AckMessage
  | ResumeTokenMessage
  | ResumedMessage
  | GoAwayMessage
  | { readonly type: 'ended'; readonly reason: EndReason };

export type EndReason = 'client' | 'agent' | 'drain' | 'max' | 'idle' | 'provider' | 'error' | 'superseded';

/** The message with this `id` is in the session; it need not be sent again. */
export interface AckMessage {
  readonly type: 'ack';
  readonly id: string;
}

/** The newest way back into this call; the ones before it are void once it has been used, or 30 s later. */
export interface ResumeTokenMessage {
  readonly type: 'resume';
  readonly token: string;
  /** How long the call waits for a client that is away. */
  readonly windowMs: number;
}

/** The call went on after a break, on the client's side or behind the gateway. Carries no `seq`. */
export interface ResumedMessage {
  readonly type: 'resumed';
  /** `client`: its connection was new. `worker`: the call moved because its worker was lost, `drain`: because it leaves. */
  readonly cause: 'client' | 'worker' | 'drain';
  /** False: events between the last `seq` received and the next are lost. What is stored is in the session still. */
  readonly recovered: boolean;
  /**
   * What the model knows. `live`: its session never broke; `handle`: taken up again; `history`: a new session was told
   * what had been said; `fresh`: there was nothing to tell.
   */
  readonly mode: 'live' | 'handle' | 'history' | 'fresh';
  /** How long nothing went up or down, milliseconds. */
  readonly gapMs: number;
}

/** This gateway goes away: connect to another one with the resume token, after a random part of `spreadMs`. */
export interface GoAwayMessage {
  readonly type: 'goaway';
  /** When the connection is closed at the latest. */
  readonly inMs: number;
  readonly spreadMs: number;
  readonly reason: 'drain';
}

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
