import type { Event, FunctionCall, FunctionResponse } from '@parley/event';
import type { LatencyMessage, ReadyMessage, ResumedMessage, WireError } from '@parley/wire';
import type { CallEnd } from './call-end.js';
import type { Caption } from './caption.js';
import type { FirstAudio } from './first-audio.js';
import type { Retry } from './recovery.js';
import type { SpeakingState } from './speaking-state.js';

/** A piece of the agent's speech. */
export interface AudioChunk {
  readonly turn: number;
  /** Counts the turn's frames from 0. */
  readonly seq: number;
  /** Position of the first sample within the turn. */
  readonly tsMs: number;
  /** PCM16 mono little-endian at `sampleRate`. */
  readonly pcm: Uint8Array;
  readonly sampleRate: number;
  /** The turn has no audio after this. */
  readonly last: boolean;
}

/** Everything that a call tells. `closed` is the last, and comes once. */
export interface LiveEvents {
  ready: ReadyMessage;
  /** Every ADK event, before what it means is told by the others. */
  event: { readonly seq: number; readonly turn: number; readonly event: Event };
  caption: Caption;
  audio: AudioChunk;
  /** What is left of the turn's audio must not be heard. `local`: this client asked for it. Once per turn. */
  interrupted: { readonly turn: number; readonly origin: 'server' | 'local' };
  turnComplete: { readonly turn: number };
  toolCall: { readonly turn: number; readonly call: FunctionCall; readonly longRunning: boolean };
  toolResponse: { readonly turn: number; readonly response: FunctionResponse };
  toolCancelled: { readonly turn: number; readonly ids: readonly string[] };
  speaking: SpeakingState;
  /** As the gateway measured it. */
  latency: LatencyMessage;
  /** As this client measured it. */
  firstAudio: FirstAudio;
  /** The server dropped speech that came too late or too fast. */
  inputDropped: { readonly ms: number; readonly reason: 'age' | 'budget' };
  /** The gateway will leave. A client that can reconnect does so by itself, at a random moment of `spreadMs`. */
  goAway: { readonly inMs: number; readonly spreadMs: number; readonly reason: 'drain' };
  /** The line is lost, and attempt after attempt is made to get another one. */
  reconnecting: Retry;
  /** The call went on after a break: of this client's line, or behind the gateway, which no `reconnecting` precedes. */
  resumed: Pick<ResumedMessage, 'cause' | 'mode' | 'recovered' | 'gapMs'>;
  /** A text is in the session. */
  delivered: { readonly id: string };
  /** An error that ends the call is told when it has; one with `ref` answers the message of that id. */
  error: WireError;
  closed: CallEnd;
}

/** Counters of one call. All but `sentAudioMs` stay 0 when everything is well. */
export interface LiveStats {
  /** Frames of a turn that came after its interruption (promise I10). */
  readonly lateFrames: number;
  /** Frames dropped between this client's own interrupt and the server's answer. */
  readonly mutedFrames: number;
  /** Holes in the numbers of a turn's frames, and of the events. */
  readonly missingFrames: number;
  readonly missingEvents: number;
  /** Frames that came again after a break. */
  readonly duplicateFrames: number;
  /** Messages and frames that could not be read, or are of a type that this version does not know. */
  readonly ignored: number;
  readonly sentAudioMs: number;
  /** Dropped here because the network was too slow. */
  readonly droppedAudioMs: number;
  readonly droppedImages: number;
  /** How often the call was taken up on another line, and how many texts were sent again for that. */
  readonly reconnects: number;
  readonly resentTexts: number;
  /** The last round trip; undefined before the first. */
  readonly roundTripMs: number | undefined;
}
