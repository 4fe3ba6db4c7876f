import type { EntryOf } from './chronicle.js';
import type { HistoryEntry } from './history.js';

export interface AudioPause {
  /** How long somebody who plays what comes as it comes heard nothing in the middle of a turn. */
  readonly ms: number;
  /** The frame before it and the one after. */
  readonly frames: readonly [EntryOf<'audio'>, EntryOf<'audio'>];
}

/** Silences within turns; turns with tools are left out, for there the model itself pauses. */
export function audioPauses(seen: readonly HistoryEntry[]): readonly AudioPause[] {
  const withTools = new Set(
    seen.flatMap((entry) => (entry.op === 'message' && entry.tools ? [entry.turn] : [])),
  );
  const pauses: AudioPause[] = [];
  let before: EntryOf<'audio'> | undefined;
  let playedUntilMs = 0;
  for (const entry of seen) {
    if (entry.op !== 'audio' || withTools.has(entry.turn)) continue;
    const ms = entry.tMs - playedUntilMs;
    if (before?.turn === entry.turn && ms > 0) pauses.push({ ms, frames: [before, entry] });
    const begins = before?.turn === entry.turn ? Math.max(playedUntilMs, entry.tMs) : entry.tMs;
    playedUntilMs = begins + entry.lengthMs;
    before = entry;
  }
  return pauses;
}
