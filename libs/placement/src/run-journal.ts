/** What a new owner of a live run has to know beyond the session's stored events. */
export interface JournalEntry {
  /** The newest resumption handle of the model's session, sealed. */
  readonly handle?: string;
  /** The agent whose session the handle is of. */
  readonly agentName?: string;
  /** When the run began, integer milliseconds since the epoch: caps count from there. */
  readonly startedAtMs: number;
  /** The last number of an attach: who comes with a lower one is late. */
  readonly attach: number;
}

/**
 * The hot part of a live run's memory, kept outside its worker. What was said is in the session; what is lost here costs
 * no more than a slower resumption: without an entry the new owner tells the model the stored conversation.
 *
 * 1. An entry is written whole. One of a lower epoch than the stored one is refused: a stale owner has no effect (I1).
 * 2. Entries expire `JOURNAL_MS` after they were written last.
 *
 * Methods reject with `ParleyError` `control_plane_unavailable` when the store can't be reached.
 */
export interface RunJournal {
  save(liveId: string, epoch: number, entry: JournalEntry): Promise<'saved' | 'stale'>;
  load(liveId: string): Promise<JournalEntry | undefined>;
  forget(liveId: string): Promise<void>;
}

/** As long as the Gemini API keeps a session that can be resumed. [src: ai.google.dev live-session] */
export const JOURNAL_MS = 7_200_000;
