import type { Clock } from '@parley/kernel';
import type { ContextBlock } from './context-meter.js';
import type { HistoryState } from './conversation-history.js';
import type { ProfileName } from './model-profile.js';
import type { PendingCall } from './pending-calls.js';
import type { SessionAgeState } from './session-age.js';
import type { TranscriptLine } from './transcript.js';

/** What a session remembers across connections. Plain JSON, so that any store can keep it. */
export interface SessionSnapshot {
  /** The name that all connections of one session share. */
  readonly lineage: string;
  readonly model: string;
  readonly profile: ProfileName;
  readonly history: HistoryState;
  readonly context: readonly ContextBlock[];
  readonly age: SessionAgeState;
  /** Calls that still want an answer; ids stay good across a resumption. */
  readonly calls: readonly PendingCall[];
  readonly transcript: readonly TranscriptLine[];
}

/** Where snapshots wait for the next connection. */
export interface ResumptionStore {
  /** Keeps a snapshot under a new id for at least `ttlMs`. */
  put(id: string, snapshot: SessionSnapshot, ttlMs: number): Promise<void>;
  /** Undefined when the id is unknown or its time is over; asking doesn't remove it. */
  get(id: string): Promise<SessionSnapshot | undefined>;
}

const MAX_SNAPSHOTS = 2_000;

/** Keeps the newest 2,000 snapshots of this process. */
export class MemoryResumptionStore implements ResumptionStore {
  readonly #clock: Clock;
  readonly #kept = new Map<string, { readonly snapshot: SessionSnapshot; readonly expiresAtMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  put(id: string, snapshot: SessionSnapshot, ttlMs: number): Promise<void> {
    this.#kept.set(id, { snapshot, expiresAtMs: this.#clock.nowMs() + ttlMs });
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= MAX_SNAPSHOTS) break;
      this.#kept.delete(oldest);
    }
    return Promise.resolve();
  }

  get(id: string): Promise<SessionSnapshot | undefined> {
    const kept = this.#kept.get(id);
    return Promise.resolve(kept && kept.expiresAtMs > this.#clock.nowMs() ? kept.snapshot : undefined);
  }
}
