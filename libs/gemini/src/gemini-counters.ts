import type { LiveServerMessage, ReplacementReason } from '@parley/live';
import { DurationTotal } from './duration-total.js';

export type SeededWith = NonNullable<LiveServerMessage['restarted']>['seededWith'];

/** Totals of one `GeminiLiveModel` since it was made. Live numbers: read, never written, by whoever measures. */
export interface GeminiCounters {
  /** Messages whose audio was decoded straight from the frame. */
  audioFastPath: number;
  /** Messages that went through `JSON.parse` as a whole. */
  messagesParsed: number;
  /** Frames that were not what the protocol allows; each was skipped. */
  protocolErrors: number;
  /** Audio of the user that was dropped because the provider did not read fast enough. */
  droppedAudioMs: number;
  droppedImages: number;
  /** Sends that the wire could not carry (unknown media type, nothing to say): dropped. */
  refusedSends: number;
  /** Exceptions out of a connection's listener. */
  listenerErrors: number;
  /** From dialling to the accepted set-up, of every socket that got so far. */
  readonly connectMs: DurationTotal;
  /** Attempts to dial that failed, first connections and later ones. */
  connectFailures: number;
  /** Sockets replaced by one that took the model's session up, by why. */
  readonly resumes: Record<ReplacementReason, number>;
  /** Between the old socket and the new one, resumed or restarted. */
  readonly gapMs: DurationTotal;
  /** Model sessions that were lost and begun anew, by what the new one was told. */
  readonly restarts: Record<SeededWith, number>;
  /** Audio of the user that was said again on a new socket, or first there. */
  replayedMs: number;
  /** Audio and other input that would have had to be said again and had fallen out of the ring. */
  droppedReplayMs: number;
  droppedReplayControls: number;
  /** Responses of tools to calls that the model's new session never made: dropped. */
  droppedToolResponses: number;
  /** Responses of tools that were sent again to a session that had been taken up from before them. */
  resentToolResponses: number;
  /** Media in responses of tools that this model, or this API, does not take: left out of them. */
  droppedResponseMedia: number;
  /** Turns of the model that broke off with the socket and were asked for again. */
  cutTurns: number;
  /** Times the server was silent for 8 s when it should have spoken. */
  stallNudges: number;
  /** Conversations given up, with no attempt to connect left or nothing left to try. */
  abandoned: number;
}

export function zeroCounters(): GeminiCounters {
  return {
    audioFastPath: 0,
    messagesParsed: 0,
    protocolErrors: 0,
    droppedAudioMs: 0,
    droppedImages: 0,
    refusedSends: 0,
    listenerErrors: 0,
    connectMs: new DurationTotal(),
    connectFailures: 0,
    resumes: { go_away: 0, lost: 0, stalled: 0, congested: 0, asked: 0 },
    gapMs: new DurationTotal(),
    restarts: { history: 0, summary: 0, nothing: 0 },
    replayedMs: 0,
    droppedReplayMs: 0,
    droppedReplayControls: 0,
    droppedToolResponses: 0,
    resentToolResponses: 0,
    droppedResponseMedia: 0,
    cutTurns: 0,
    stallNudges: 0,
    abandoned: 0,
  };
}
