import type { HistoryEntry } from '../history.js';
import type { Chronicle, EntryOf, Violation } from '../chronicle.js';

/**
 * I4: numbers of messages rise strictly, and without a hole unless one is told; no event comes twice. What the old line
 * still gave while its client was changing to another comes on that one, too, under the same numbers.
 */
export function contiguousMessages(chronicle: Chronicle): readonly Violation[] {
  return [...chronicle.callers()].flatMap(([who, seen]) => {
    const violations: Violation[] = [];
    const told = new Map<string, EntryOf<'message'>>();
    let last: EntryOf<'message'> | undefined;
    let holeTold = false;
    let changedLine = false;
    for (const entry of seen) {
      if (entry.op === 'ready') last = undefined;
      if (entry.op === 'resumed' && !entry.recovered) holeTold = true;
      if (entry.op === 'resumed') changedLine = entry.cause === 'client';
      if (entry.op !== 'message') continue;
      if (changedLine && last && entry.seq <= last.seq && isSame(entry, told)) continue;
      changedLine = false;
      if (last && entry.seq <= last.seq) {
        violations.push(wrong(who, `number ${entry.seq} came after ${last.seq}`, [last, entry]));
      } else if (last && entry.seq > last.seq + 1 && !holeTold) {
        violations.push(
          wrong(who, `between ${last.seq} and ${entry.seq} something is missing`, [last, entry]),
        );
      }
      const same = entry.partial ? undefined : told.get(entry.eventId);
      if (same) violations.push(wrong(who, `event ${entry.eventId} came twice`, [same, entry]));
      if (!entry.partial) told.set(entry.eventId, entry);
      holeTold = false;
      last = entry;
    }
    return violations;
  });
}

function isSame(entry: EntryOf<'message'>, told: ReadonlyMap<string, EntryOf<'message'>>): boolean {
  return entry.partial || told.get(entry.eventId)?.seq === entry.seq;
}

/** I10: after a turn was said to be interrupted none of its audio comes. */
export function silentAfterInterruption(chronicle: Chronicle): readonly Violation[] {
  return [...chronicle.callers()].flatMap(([who, seen]) => {
    const violations: Violation[] = [];
    let interruption: EntryOf<'message'> | undefined;
    for (const entry of seen) {
      if (entry.op === 'ready') interruption = undefined;
      if (entry.op === 'message' && entry.interrupted) {
        if (!interruption || entry.turn > interruption.turn) interruption = entry;
      }
      if (entry.op !== 'audio' || !interruption || entry.turn > interruption.turn) continue;
      const what = `audio of turn ${entry.turn} came after its interruption`;
      violations.push({ promise: 'I10', who, what, evidence: [interruption, entry] });
    }
    return violations;
  });
}

function wrong(who: string, what: string, evidence: readonly HistoryEntry[]): Violation {
  return { promise: 'I4', who, what, evidence };
}
