import type { Event } from '@parley/event';
import type { Session, SessionKey } from '../session/session-service.js';
import type { MemoryEntry, MemoryService } from './memory-service.js';

const MAX_USERS = 1_000;
const MAX_ENTRIES_PER_USER = 2_000;
const DEFAULT_LIMIT = 10;

type Scope = Omit<SessionKey, 'sessionId'>;

interface Remembered {
  readonly entry: MemoryEntry;
  readonly words: ReadonlySet<string>;
}

/**
 * Memory in this process, found by the words that question and memory have in common: for tests and for trying things
 * out. A word counts the more the fewer of the user's memories have it.
 *
 * Holds 2,000 entries of a user (the oldest sessions go first) and 1,000 users (whoever was added to longest ago).
 */
export class InMemoryMemoryService implements MemoryService {
  /** By user, then by session; the one added to last stands last. */
  readonly #users = new Map<string, Map<string, readonly Remembered[]>>();

  async addSessionToMemory(session: Session): Promise<void> {
    const id = userOf(session);
    const sessions = this.#users.get(id) ?? new Map<string, readonly Remembered[]>();
    this.#users.delete(id);
    this.#users.set(id, sessions);
    sessions.delete(session.sessionId);
    const newest = session.events.slice(-MAX_ENTRIES_PER_USER);
    const remembered = newest.flatMap((event) => rememberedOf(event, session.sessionId));
    sessions.set(session.sessionId, remembered.slice(-MAX_ENTRIES_PER_USER));
    while (entriesOf(sessions).length > MAX_ENTRIES_PER_USER) dropOldest(sessions);
    if (this.#users.size > MAX_USERS) dropOldest(this.#users);
  }

  async searchMemory(
    scope: Scope,
    query: string,
    limit: number = DEFAULT_LIMIT,
  ): Promise<readonly MemoryEntry[]> {
    const all = entriesOf(this.#users.get(userOf(scope)) ?? new Map<string, readonly Remembered[]>());
    const weights = new Map<string, number>();
    for (const word of wordsOf(query)) {
      const having = all.filter(({ words }) => words.has(word)).length;
      if (having > 0) weights.set(word, 1 / having);
    }
    const score = ({ words }: Remembered): number => {
      let sum = 0;
      for (const [word, weight] of weights) if (words.has(word)) sum += weight;
      return sum;
    };
    return all
      .map((remembered) => ({ entry: remembered.entry, score: score(remembered) }))
      .filter((found) => found.score > 0)
      .sort((a, b) => b.score - a.score || b.entry.timestamp - a.entry.timestamp)
      .slice(0, Math.max(0, limit))
      .map(({ entry }) => structuredClone(entry));
  }
}

/** What was said or written in an event, if anything. */
function rememberedOf(event: Event, sessionId: string): readonly Remembered[] {
  if (event.partial === true) return [];
  const spoken = event.inputTranscription?.text ?? event.outputTranscription?.text;
  const written = event.content?.parts.map((part) => (part.thought ? '' : (part.text ?? ''))).join(' ');
  const text = (spoken ?? written ?? '').trim();
  const words = wordsOf(text);
  if (words.size === 0) return [];
  const { author, timestamp } = event;
  const role = author === 'user' ? 'user' : 'model';
  return [{ entry: { content: { role, parts: [{ text }] }, author, timestamp, sessionId }, words }];
}

function wordsOf(text: string): ReadonlySet<string> {
  const segments = new Intl.Segmenter(undefined, { granularity: 'word' }).segment(text.normalize('NFKC'));
  const words = new Set<string>();
  for (const { segment, isWordLike } of segments) if (isWordLike) words.add(segment.toLowerCase());
  return words;
}

function entriesOf(sessions: ReadonlyMap<string, readonly Remembered[]>): readonly Remembered[] {
  return [...sessions.values()].flat();
}

function dropOldest(map: Map<string, unknown>): void {
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}

function userOf({ tenantId, appName, userId }: Scope): string {
  return JSON.stringify([tenantId, appName, userId]);
}
