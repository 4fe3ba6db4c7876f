import type { AgentSummary, SpeakingState } from '@parley/client';
import type { ReadyMessage } from '@parley/wire';
import type { EventLine } from './event-line.js';
import type { Outage } from './outage.js';
import type { Problem } from './problem.js';
import type { Transcript } from './transcript.js';

/** `ended`: there is a session that can be called again. */
export type Connection = 'idle' | 'connecting' | 'live' | 'ended';

export interface FirstAudioTime {
  readonly turn: number;
  readonly ms: number;
}

/** Everything that the page shows. */
export interface CallState {
  /** Undefined until they are loaded. */
  readonly agents: readonly AgentSummary[] | undefined;
  readonly agent: string | undefined;
  readonly connection: Connection;
  /** Numbers the calls of this page from 1. */
  readonly call: number;
  readonly sessionId: string | undefined;
  readonly ready: ReadyMessage | undefined;
  readonly speaking: SpeakingState;
  readonly microphone: 'off' | 'opening' | 'on';
  readonly camera: MediaStream | undefined;
  readonly transcript: Transcript;
  /** First-audio times of this call, by turn, the latest last. */
  readonly firstAudio: readonly FirstAudioTime[];
  readonly events: readonly EventLine[];
  readonly problem: Problem | undefined;
  /** The break of the call that lasts, or was a moment ago. */
  readonly outage: Outage | undefined;
  /** Frames that came after their turn's interruption, over all calls. */
  readonly lateFrames: number;
  readonly needsKey: boolean;
  /** The server lets its workers be killed. */
  readonly development: boolean;
}

export const INITIAL_STATE: CallState = {
  agents: undefined,
  agent: undefined,
  connection: 'idle',
  call: 0,
  sessionId: undefined,
  ready: undefined,
  speaking: 'listening',
  microphone: 'off',
  camera: undefined,
  transcript: [],
  firstAudio: [],
  events: [],
  problem: undefined,
  outage: undefined,
  lateFrames: 0,
  needsKey: false,
  development: false,
};
