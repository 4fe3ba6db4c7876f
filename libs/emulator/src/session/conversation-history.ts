import type { ContentTurn } from '../codec/content.js';

/**
 * What was said so far, oldest first, as the brain and a resumed session see it.
 *
 * 1. Only words that were sent to the client count as said by the model.
 * 2. A turn that ADK rewrote for another agent ("For context: [agent] said: …") is read back as what it was.
 * 3. Bounded in entries and characters; the oldest go first.
 */
export type HistoryEntry =
  | { readonly role: 'user' | 'model' | 'context'; readonly text: string }
  | { readonly role: 'call'; readonly name: string; readonly args: Readonly<Record<string, unknown>> }
  | { readonly role: 'tool'; readonly name: string; readonly response: Readonly<Record<string, unknown>> };

export interface HistoryState {
  /** The number of the first of `entries`; those before it are forgotten. */
  readonly firstEntry: number;
  readonly entries: readonly HistoryEntry[];
}

const MAX_ENTRIES = 400;
const MAX_CHARS = 200_000;

export class ConversationHistory {
  readonly #entries: HistoryEntry[] = [];
  readonly #onAdded: (entry: HistoryEntry) => void;
  #first: number;
  #chars = 0;
  #speaking = '';

  /** `onAdded` is told of every new entry, but not of those that it starts with. */
  constructor(
    start: HistoryState = { firstEntry: 0, entries: [] },
    onAdded: (entry: HistoryEntry) => void = () => undefined,
  ) {
    this.#first = start.firstEntry;
    this.#onAdded = onAdded;
    for (const entry of start.entries) this.#keep(entry);
  }

  get entries(): readonly HistoryEntry[] {
    return this.#entries;
  }

  /** Entries are numbered from 0 over the whole life of the session, forgotten ones included. */
  get nextEntry(): number {
    return this.#first + this.#entries.length;
  }

  get state(): HistoryState {
    return { firstEntry: this.#first, entries: [...this.#entries] };
  }

  forgetBefore(entry: number): void {
    while (this.#first < entry && this.#entries.length > 0) this.#forgetOldest();
  }

  addUser(text: string): void {
    this.#add({ role: 'user', text });
  }

  addCall(name: string, args: Readonly<Record<string, unknown>>): void {
    this.#add({ role: 'call', name, args });
  }

  addToolResult({ name, response }: Omit<Extract<HistoryEntry, { role: 'tool' }>, 'role'>): void {
    this.#add({ role: 'tool', name, response });
  }

  addClientTurn(turn: ContentTurn): void {
    if (turn.text === '') return;
    if (turn.role === 'model' || !/^\s*for context:/i.test(turn.text)) {
      this.#add({ role: turn.role, text: turn.text });
      return;
    }
    for (const line of turn.text.replace(/^\s*for context:\s*/i, '').split('\n')) {
      const said = /^\[([^\]]+)\] said: ?(.*)$/.exec(line);
      if (said) this.#add({ role: said[1] === 'user' ? 'user' : 'model', text: said[2] ?? '' });
      else if (line.trim() !== '') this.#add({ role: 'context', text: line.trim() });
    }
  }

  /** A piece of the model's running turn that was just sent. */
  modelSaid(piece: string): void {
    this.#speaking += piece;
  }

  /** The running model turn is over, complete or cut off. */
  endModelTurn(): void {
    const text = this.#speaking.trim();
    this.#speaking = '';
    if (text !== '') this.#add({ role: 'model', text });
  }

  /** Where the user's words begin that the model neither spoke nor called a tool after. */
  unansweredFrom(): number {
    return this.#entries.findLastIndex((entry) => entry.role === 'model' || entry.role === 'call') + 1;
  }

  #add(entry: HistoryEntry): void {
    this.#keep(entry);
    this.#onAdded(entry);
  }

  #keep(entry: HistoryEntry): void {
    this.#entries.push(entry);
    this.#chars += sizeOf(entry);
    while (this.#entries.length > MAX_ENTRIES || (this.#chars > MAX_CHARS && this.#entries.length > 1)) {
      this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    const oldest = this.#entries.shift();
    if (!oldest) return;
    this.#first += 1;
    this.#chars -= sizeOf(oldest);
  }
}

function sizeOf(entry: HistoryEntry): number {
  if (entry.role === 'tool') return JSON.stringify(entry.response).length;
  return entry.role === 'call' ? JSON.stringify(entry.args).length : entry.text.length;
}
