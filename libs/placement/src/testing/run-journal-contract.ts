import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JOURNAL_MS, type JournalEntry, type RunJournal } from '../run-journal.js';

/** One journal, empty when opened. */
export interface RunJournalFixture {
  readonly journal: RunJournal;
  /** As if that time had passed. */
  age(ms: number): Promise<void>;
  close(): Promise<void>;
}

const entry: JournalEntry = {
  handle: 'sealed+/=',
  agentName: 'concierge',
  startedAtMs: 1_790_000_000_000,
  attach: 3,
};

/** What every `RunJournal` does. */
export function describeRunJournal(name: string, open: () => Promise<RunJournalFixture>): void {
  describe(`${name} as RunJournal`, () => {
    let store: RunJournalFixture;
    let journal: RunJournal;

    beforeEach(async () => {
      store = await open();
      journal = store.journal;
    });
    afterEach(() => store.close());

    it('gives back what was saved, and nothing for a run that it does not know', async () => {
      expect(await journal.load('live_1')).toBeUndefined();
      expect(await journal.save('live_1', 7, entry)).toBe('saved');
      expect(await journal.load('live_1')).toEqual(entry);
      expect(await journal.load('live_2')).toBeUndefined();
    });

    it('writes an entry whole: what it leaves out is gone', async () => {
      await journal.save('live_1', 7, entry);
      expect(await journal.save('live_1', 7, { startedAtMs: 5, attach: 0 })).toBe('saved');
      expect(await journal.load('live_1')).toEqual({ startedAtMs: 5, attach: 0 });
    });

    it('refuses a stale owner and takes a new one', async () => {
      const epoch = 1_790_000_000_000_000;
      await journal.save('live_1', epoch, entry);
      expect(await journal.save('live_1', epoch - 1, { ...entry, attach: 9 })).toBe('stale');
      expect(await journal.load('live_1')).toEqual(entry);
      expect(await journal.save('live_1', epoch + 1, { ...entry, attach: 9 })).toBe('saved');
      expect(await journal.load('live_1')).toMatchObject({ attach: 9 });
    });

    it('forgets on demand, and what has not been written for JOURNAL_MS', async () => {
      await journal.save('live_1', 7, entry);
      await journal.save('live_2', 7, entry);
      await journal.forget('live_1');
      await journal.forget('live_1');
      expect(await journal.load('live_1')).toBeUndefined();
      await store.age(JOURNAL_MS - 600_000);
      await journal.save('live_2', 7, entry);
      await store.age(JOURNAL_MS - 600_000);
      expect(await journal.load('live_2')).toEqual(entry);
      await store.age(600_000);
      expect(await journal.load('live_2')).toBeUndefined();
    });
  });
}
