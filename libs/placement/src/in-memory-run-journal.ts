import type { Clock } from '@parley/kernel';
import { JOURNAL_MS, type JournalEntry, type RunJournal } from './run-journal.js';

/** The journal of an installation of one process: what it holds ends with that. */
export class InMemoryRunJournal implements RunJournal {
  readonly #entries = new Map<string, { epoch: number; entry: JournalEntry; untilMs: number }>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async save(liveId: string, epoch: number, entry: JournalEntry): Promise<'saved' | 'stale'> {
    this.#expire();
    if ((this.#entries.get(liveId)?.epoch ?? epoch) > epoch) return 'stale';
    this.#entries.set(liveId, { epoch, entry, untilMs: this.#clock.monotonicMs() + JOURNAL_MS });
    return 'saved';
  }

  async load(liveId: string): Promise<JournalEntry | undefined> {
    this.#expire();
    return this.#entries.get(liveId)?.entry;
  }

  async forget(liveId: string): Promise<void> {
    this.#entries.delete(liveId);
  }

  #expire(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [liveId, { untilMs }] of this.#entries) if (untilMs <= nowMs) this.#entries.delete(liveId);
  }
}
