import { toParleyError, type CancelTimer, type Clock, type Log } from '@parley/kernel';
import type { JournalEntry, RunJournal } from '@parley/placement';

/** How often an entry is written at most. */
const EVERY_MS = 1_000;

export interface JournalWriterOptions {
  readonly journal: RunJournal;
  readonly liveId: string;
  readonly epoch: number;
  readonly entry: JournalEntry;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Keeps the journal of one run up to date.
 *
 * 1. It is written when something has changed, at most once in `EVERY_MS`, and one write at a time.
 * 2. A journal that can not be reached disturbs nothing: the next change, or `saveNow`, writes again.
 * 3. Once a newer owner has written, and after `close`, nothing is written any more.
 */
export class JournalWriter {
  readonly #options: JournalWriterOptions;
  #entry: JournalEntry;
  #changed = true;
  #closed = false;
  #cancelTimer: CancelTimer | undefined;
  #savedAtMs = Number.NEGATIVE_INFINITY;
  #tail: Promise<void> = Promise.resolve();

  constructor(options: JournalWriterOptions) {
    this.#options = options;
    this.#entry = options.entry;
  }

  /** The newest handle of that agent's session with the model, sealed. */
  handle(handle: string, agentName: string): void {
    this.#change({ ...this.#entry, handle, agentName });
  }

  handleVoid(of: string): void {
    const { handle: _void, agentName, ...entry } = this.#entry;
    if (agentName === of) this.#change(entry);
  }

  attach(attach: number): void {
    this.#change({ ...this.#entry, attach });
  }

  /** Resolves when what is known now is written, or can not be. Never rejects. */
  saveNow(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#tail = this.#tail.then(() => this.#save());
    return this.#tail;
  }

  /** Resolves when nothing is written any more. Idempotent. */
  close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    return this.#tail;
  }

  #change(entry: JournalEntry): void {
    this.#entry = entry;
    this.#changed = true;
    if (this.#closed || this.#cancelTimer) return;
    const { clock } = this.#options;
    const dueMs = this.#savedAtMs + EVERY_MS - clock.monotonicMs();
    this.#cancelTimer = clock.after(Math.max(0, dueMs), () => void this.saveNow());
  }

  async #save(): Promise<void> {
    if (this.#closed || !this.#changed) return;
    const { journal, liveId, epoch, clock, log } = this.#options;
    this.#changed = false;
    this.#savedAtMs = clock.monotonicMs();
    try {
      if ((await journal.save(liveId, epoch, this.#entry)) === 'stale') this.#closed = true;
    } catch (error) {
      this.#changed = true;
      log.debug('a run could not be written to the journal', { liveId, code: toParleyError(error).code });
    }
  }
}
