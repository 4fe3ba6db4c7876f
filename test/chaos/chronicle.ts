import type { HistoryEntry } from './history.js';

export type EntryOf<Op extends HistoryEntry['op']> = Extract<HistoryEntry, { op: Op }>;

/** The time of one fault; `endMs` is the end of the run for one that nobody ended. */
export interface FaultSpan {
  readonly id: number;
  readonly kind: string;
  readonly target: string;
  readonly beginMs: number;
  readonly endMs: number;
}

/** A history put in order for questions. */
export class Chronicle {
  readonly entries: readonly HistoryEntry[];
  readonly faults: readonly FaultSpan[];
  readonly endMs: number;

  constructor(entries: readonly HistoryEntry[]) {
    this.entries = entries;
    this.endMs = entries.at(-1)?.tMs ?? 0;
    this.faults = this.all('fault')
      .filter(({ phase }) => phase === 'begin')
      .map(({ id, kind, target, tMs }) => ({
        ...{ id, kind, target, beginMs: tMs },
        endMs: this.all('fault').find((each) => each.id === id && each.phase === 'end')?.tMs ?? this.endMs,
      }));
  }

  all<Op extends HistoryEntry['op']>(op: Op): readonly EntryOf<Op>[] {
    return this.entries.filter((entry): entry is EntryOf<Op> => entry.op === op);
  }

  /** What each actor saw, by his name. */
  byActor(): ReadonlyMap<string, readonly HistoryEntry[]> {
    const groups = new Map<string, HistoryEntry[]>();
    for (const entry of this.entries) {
      const group = groups.get(entry.actor);
      if (group) group.push(entry);
      else groups.set(entry.actor, [entry]);
    }
    return groups;
  }

  /** The callers with what they saw. */
  callers(): ReadonlyMap<string, readonly HistoryEntry[]> {
    return new Map([...this.byActor()].filter(([, seen]) => seen.some(({ op }) => op === 'call')));
  }

  /** Whether a fault of one of these kinds was on at a time, or had been `afterMs` before. */
  during(kinds: RegExp, tMs: number, afterMs = 0): boolean {
    return this.faults.some(
      ({ kind, beginMs, endMs }) => kinds.test(kind) && beginMs <= tMs && tMs <= endMs + afterMs,
    );
  }
}

export interface Violation {
  /** `I1` … `I11`, or `texts`, `answers`, `speech`, `calls`. */
  readonly promise: string;
  readonly who: string;
  readonly what: string;
  readonly evidence: readonly HistoryEntry[];
}

export type Invariant = (chronicle: Chronicle) => readonly Violation[];
