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
  /** Says once in a conversation that it is an emulator. */
  readonly discloses: boolean;
  /** Unknown, cancelled or repeated ids in tool responses close the session with 1008. */
  readonly strictToolIds: boolean;
  /** `never`: the setup is not answered. */
  readonly setupAnswer: 'normal' | 'never';
  /** Answers the upgrade request with this HTTP status. */
  readonly refuseUpgradeStatus: number | undefined;
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
  discloses: true,
  strictToolIds: false,
  setupAnswer: 'normal',
  refuseUpgradeStatus: undefined,
  load: false,
};
