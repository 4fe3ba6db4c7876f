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
  };
}
