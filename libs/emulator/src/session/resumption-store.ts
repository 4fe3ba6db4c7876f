import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '@parley/kernel';
import type { HistoryEntry } from './conversation-history.js';
import type { ContextTokens } from './context-meter.js';

/** What a session remembers across connections. */
export interface SessionSnapshot {
  readonly model: string;
  readonly history: readonly HistoryEntry[];
  readonly context: ContextTokens;
}

/** Where snapshots wait for the next connection. A handle is good for any number of resumptions by its owner. */
export interface ResumptionStore {
  /** Answers the handle. `owner` is who may come back with it. */
  save(owner: string, snapshot: SessionSnapshot): Promise<string>;
  /** Undefined when the handle is unknown, expired or another owner's. */
  load(owner: string, handle: string): Promise<SessionSnapshot | undefined>;
}

const TTL_MS = 2 * 60 * 60 * 1000;
const MAX_SNAPSHOTS = 2_000;

/** Keeps the newest 2,000 snapshots of this process for two hours, as Google does. */
export class MemoryResumptionStore implements ResumptionStore {
  readonly #clock: Clock;
  readonly #kept = new Map<string, { owner: string; snapshot: SessionSnapshot; expiresAtMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  save(owner: string, snapshot: SessionSnapshot): Promise<string> {
    const handle = randomBytes(24).toString('base64url');
    this.#kept.set(handle, { owner, snapshot, expiresAtMs: this.#clock.nowMs() + TTL_MS });
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= MAX_SNAPSHOTS) break;
      this.#kept.delete(oldest);
    }
    return Promise.resolve(handle);
  }

  load(owner: string, handle: string): Promise<SessionSnapshot | undefined> {
    const kept = this.#kept.get(handle);
    const good = kept !== undefined && kept.owner === owner && kept.expiresAtMs > this.#clock.nowMs();
    return Promise.resolve(good ? kept.snapshot : undefined);
  }
}

/** An owner's name that doesn't give away the credential it is made of. */
export function ownerOfCredential(credential: string): string {
  return createHash('sha256').update(credential).digest('base64url');
}
