import type { FaultRule } from '../fault/fault-plan.js';
import type { ProfileName } from './model-profile.js';

/** How sessions of a scenario behave; everything has a default. */
export interface Behaviour {
  /** Forces a profile whatever model the setup names; undefined goes by the model. */
  readonly profile: ProfileName | undefined;
  /** Time until the model begins to answer, plus up to `thinkJitterMs`. */
  readonly thinkMs: number;
  readonly thinkJitterMs: number;
  /** Length of an audio message; a multiple of 40. */
  readonly chunkMs: number;
  /** How many times faster than real time audio is sent. */
  readonly speed: number;
  /** `playback`: the turn ends when its audio has been heard; `immediate`: when it has been sent. */
  readonly turnEnds: 'playback' | 'immediate';
  /** Silence that ends the user's turn when the setup sets none. */
  readonly silenceDurationMs: number;
  /** Life of a connection, 0 for no limit; `goAwayLeadMs` before its end comes goAway. */
  readonly connectionMs: number;
  readonly goAwayLeadMs: number;
  /** Life of a session without context compression, over all its connections; 0 for no limit. */
  readonly sessionMs: number;
  /** The same from its first video frame on. */
  readonly sessionWithVideoMs: number;
  /** How many times faster the lives above pass: 60 makes ten minutes ten seconds. */
  readonly timeScale: number;
  /** What the model can take in at most; undefined is the profile's. */
  readonly contextTokens: number | undefined;
  /** Time that a compression of the context adds to the turn that it precedes. */
  readonly compressionMs: number;
  /** With transparent resumption an update comes after this many client messages, besides those after turns. */
  readonly updateEveryMessages: number;
  /** Whether a session can be resumed while a call waits for its answer; Google's reference says it can't. */
  readonly resumableWhileCalling: boolean;
  /** Says once in a conversation that it is an emulator. */
  readonly discloses: boolean;
  /** Whether a turn ends when it called a blocking function, and another begins with the answer; undefined is the profile's. */
  readonly turnEndsAtCall: boolean | undefined;
  /** What comes first when an interruption cancels calls; Google's own order is not known. */
  readonly cancellation: 'after-interrupted' | 'before-interrupted';
  /** How many audio messages of an interrupted turn still arrive behind `interrupted`, as on real networks. */
  readonly audioAfterInterrupted: number;
  /** Sends `voiceActivity` although the setup has no `explicitVadSignal`. */
  readonly voiceActivity: boolean;
  /** Unknown, cancelled or repeated ids in tool responses close the session with 1008. */
  readonly strictToolIds: boolean;
  /** What goes wrong in these sessions. */
  readonly faults: readonly FaultRule[];
  /** Plays the load schedule instead of a conversation. */
  readonly load: boolean;
}

/** Google's habits. */
export const DEFAULT_BEHAVIOUR: Behaviour = {
  profile: undefined,
  thinkMs: 300,
  thinkJitterMs: 100,
  chunkMs: 200,
  speed: 4,
  turnEnds: 'playback',
  silenceDurationMs: 800,
  connectionMs: 600_000,
  goAwayLeadMs: 60_000,
  sessionMs: 900_000,
  sessionWithVideoMs: 120_000,
  timeScale: 1,
  contextTokens: undefined,
  compressionMs: 400,
  updateEveryMessages: 50,
  resumableWhileCalling: false,
  turnEndsAtCall: undefined,
  cancellation: 'after-interrupted',
  audioAfterInterrupted: 0,
  voiceActivity: false,
  discloses: true,
  strictToolIds: false,
  faults: [],
  load: false,
};
