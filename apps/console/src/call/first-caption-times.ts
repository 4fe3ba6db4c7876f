import type { FirstAudioTime } from './call-state.js';
import type { Transcript } from './transcript.js';

/**
 * The first-audio time of each turn of a call, by the key of the agent's first caption in that turn. Earlier calls
 * of the page have none: their times went with them.
 */
export function firstCaptionTimes(
  transcript: Transcript,
  times: readonly FirstAudioTime[],
  call: number,
): ReadonlyMap<string, number> {
  const byKey = new Map<string, number>();
  for (const { turn, ms } of times) {
    const first = transcript.find(
      (entry) =>
        entry.kind === 'caption' &&
        entry.key.startsWith(`${call}:`) &&
        entry.caption.speaker === 'agent' &&
        entry.caption.turn === turn,
    );
    if (first) byKey.set(first.key, ms);
  }
  return byKey;
}
