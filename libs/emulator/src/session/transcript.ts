import type { HistoryEntry } from './conversation-history.js';

/** What one side of a session said, as the emulator understood or sent it. */
export interface TranscriptLine {
  readonly role: 'user' | 'model';
  /** Of the model only what was sent to the client. */
  readonly text: string;
  /** The connection on which it was said. */
  readonly connection: string;
}

const MAX_LINES = 2_000;

/**
 * Everything that was said in a session as it is remembered after its resumptions: it branches as the session
 * does, at the snapshot that was resumed, and is never cut by compression. Keeps the newest 2,000 lines.
 */
export class Transcript {
  readonly #connection: string;
  #lines: TranscriptLine[];

  constructor(connection: string, restored: readonly TranscriptLine[] = []) {
    this.#connection = connection;
    this.#lines = [...restored];
  }

  /** As they are now. */
  get lines(): readonly TranscriptLine[] {
    return [...this.#lines];
  }

  add(entry: HistoryEntry): void {
    if (entry.role !== 'user' && entry.role !== 'model') return;
    this.#lines.push({ role: entry.role, text: entry.text, connection: this.#connection });
    if (this.#lines.length > MAX_LINES) this.#lines = this.#lines.slice(-MAX_LINES);
  }
}

const MAX_LINEAGES = 1_000;

/** The newest transcript of each session, by the name that its connections share; of 1,000 sessions at most. */
export class Transcripts {
  readonly #byLineage = new Map<string, Transcript>();

  set(lineage: string, transcript: Transcript): void {
    this.#byLineage.delete(lineage);
    this.#byLineage.set(lineage, transcript);
    for (const [oldest] of this.#byLineage) {
      if (this.#byLineage.size <= MAX_LINEAGES) break;
      this.#byLineage.delete(oldest);
    }
  }

  of(lineage: string): readonly TranscriptLine[] {
    return this.#byLineage.get(lineage)?.lines ?? [];
  }
}
