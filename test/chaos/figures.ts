import { Chronicle, type EntryOf, type FaultSpan } from './chronicle.js';
import { audioPauses } from './audio-pauses.js';
import type { HistoryEntry } from './history.js';

/** Of a number of spans, milliseconds. */
export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export interface Figures {
  /**
   * Breaks that callers were told of, by what had struck: from the fault, or from the loss of a client's line, to the
   * message that the call goes on.
   */
  readonly gaps: Readonly<Record<string, Spread>>;
  /** The longest silence in the middle of a turn (without tools) that each caller heard. */
  readonly silences: Spread;
  readonly answers: Spread;
  readonly calls: { readonly made: number; readonly lost: number };
  readonly texts: { readonly sent: number; readonly lost: number; readonly doubled: number };
  /** How calls went on: by cause and by what the model knew. */
  readonly resumed: Readonly<Record<string, number>>;
  /** Times that a client was told of a hole. */
  readonly holes: number;
}

/** A fault of one of these can be why a call was resumed. */
const CAUSES: Readonly<Record<'worker' | 'drain', RegExp>> = {
  worker: /^(worker-(kill|stop|stall|drain)|partition-worker|redis|partition-all)/,
  drain: /^(worker-drain|partition-worker)/,
};

export function figuresOf(entries: readonly HistoryEntry[]): Figures {
  const chronicle = new Chronicle(entries);
  const stored = chronicle.all('storedText');
  return {
    gaps: gapsOf(chronicle),
    silences: spread([...chronicle.callers().values()].map(longestSilence)),
    answers: spread(chronicle.all('answered').map(({ afterMs }) => afterMs)),
    calls: {
      made: chronicle.all('call').length,
      lost: chronicle.all('closed').filter(({ wanted }) => !wanted).length,
    },
    texts: {
      sent: chronicle.all('sent').filter(({ kind }) => kind !== 'speech').length,
      lost: stored.filter(({ count }) => count === 0).length,
      doubled: stored.filter(({ count }) => count > 1).length,
    },
    resumed: countBy(chronicle.all('resumed').map(({ cause, mode }) => `${cause}, ${mode}`)),
    holes: chronicle.all('resumed').filter(({ recovered }) => !recovered).length,
  };
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), max: Math.round(sorted.at(-1) ?? 0) };
}

function gapsOf(chronicle: Chronicle): Record<string, Spread> {
  const byKind = new Map<string, number[]>();
  for (const seen of chronicle.callers().values()) {
    let cutAtMs: number | undefined;
    for (const entry of seen) {
      if (entry.op === 'line' && entry.state === 'closed') cutAtMs ??= entry.tMs;
      if (entry.op !== 'resumed') continue;
      const fault = faultBehind(chronicle, entry, cutAtMs);
      const beganMs = entry.cause === 'client' ? cutAtMs : fault?.beginMs;
      cutAtMs = undefined;
      if (beganMs === undefined) continue;
      const kind = fault?.kind ?? 'unknown';
      const gaps = byKind.get(kind) ?? [];
      gaps.push(entry.tMs - beganMs);
      byKind.set(kind, gaps);
    }
  }
  return Object.fromEntries([...byKind].map(([kind, gaps]) => [kind, spread(gaps)]));
}

/** The newest fault before the break that can be its reason. */
function faultBehind(
  chronicle: Chronicle,
  resumed: EntryOf<'resumed'>,
  cutAtMs: number | undefined,
): FaultSpan | undefined {
  const { cause } = resumed;
  const before = cause === 'client' ? (cutAtMs ?? resumed.tMs) + 50 : resumed.tMs;
  const kinds = cause === 'client' ? /^(gateway|client)/ : CAUSES[cause];
  return chronicle.faults.findLast(({ kind, beginMs }) => kinds.test(kind) && beginMs <= before);
}

function longestSilence(seen: readonly HistoryEntry[]): number {
  return Math.max(0, ...audioPauses(seen).map(({ ms }) => ms));
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
