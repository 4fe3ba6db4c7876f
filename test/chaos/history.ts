import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';

/** What a caller sends. `speech` is said aloud; all others are written. */
export type Utterance = 'fact' | 'marker' | 'ask' | 'tool' | 'story' | 'speech';

export type ResumeCause = 'client' | 'worker' | 'drain';

/** What can be observed. Times are milliseconds since the run began; ids are those of the service. */
export type Observation =
  /** A fault begins (`end`: is over); `target` names the process or caller that it struck. */
  | {
      readonly op: 'fault';
      readonly id: number;
      readonly kind: string;
      readonly target: string;
      readonly phase: 'begin' | 'end';
    }
  /** A caller has got a session; `word` is the secret that he tells. */
  | { readonly op: 'call'; readonly sessionId: string; readonly word: string }
  | { readonly op: 'ready'; readonly liveId: string }
  | {
      readonly op: 'line';
      readonly state: 'open' | 'closed';
      /** Where it was opened. */
      readonly url?: string;
      readonly code?: number;
      readonly reason?: string;
    }
  | { readonly op: 'sent'; readonly requestId: string; readonly kind: Utterance; readonly text: string }
  | { readonly op: 'acked'; readonly requestId: string }
  | { readonly op: 'answered'; readonly requestId: string; readonly afterMs: number }
  | { readonly op: 'unanswered'; readonly requestId: string; readonly afterMs: number }
  /** A numbered message as it came over the line, before the client's library saw it. */
  | {
      readonly op: 'message';
      readonly seq: number;
      readonly turn: number;
      readonly eventId: string;
      readonly partial: boolean;
      readonly interrupted: boolean;
      /** It has calls of tools, or their results: the model may pause in the middle of its turn. */
      readonly tools: boolean;
    }
  | {
      readonly op: 'audio';
      readonly turn: number;
      readonly seq: number;
      readonly tsMs: number;
      readonly lengthMs: number;
    }
  | { readonly op: 'heard'; readonly text: string }
  | {
      readonly op: 'resumed';
      readonly cause: ResumeCause;
      readonly recovered: boolean;
      readonly mode: string;
      readonly gapMs: number;
    }
  | { readonly op: 'error'; readonly code: string; readonly fatal: boolean }
  /** The call is over for the client. `wanted`: because he hung up. */
  | { readonly op: 'closed'; readonly code: number; readonly reason: string; readonly wanted: boolean }
  /** What Redis says of a live run; `alive`: its worker's lease runs. */
  | {
      readonly op: 'owner';
      readonly liveId: string;
      readonly epoch: number;
      readonly workerId: string;
      readonly incarnation: string;
      readonly state: string;
      readonly alive: boolean;
    }
  /** Redis has no record of a live run. */
  | { readonly op: 'unowned'; readonly liveId: string }
  | {
      readonly op: 'slots';
      readonly workerId: string;
      readonly used: number;
      readonly capacity: number;
      readonly sum: number;
    }
  | { readonly op: 'memory'; readonly process: string; readonly rssBytes: number }
  /** Somebody asks for a new session, to see how it is answered; `code` is empty when he got one. */
  | { readonly op: 'probe'; readonly ms: number; readonly code: string }
  /** How often a text is in a session, once all is quiet. */
  | {
      readonly op: 'storedText';
      readonly sessionId: string;
      readonly requestId: string;
      readonly count: number;
    }
  | {
      readonly op: 'storedCall';
      readonly sessionId: string;
      readonly callId: string;
      readonly responses: number;
    }
  /** A numbered event as it is stored. */
  | {
      readonly op: 'stored';
      readonly sessionId: string;
      readonly eventId: string;
      readonly run: string;
      readonly seq: number;
    }
  /** An event that no client may miss. */
  | {
      readonly op: 'storedEvent';
      readonly sessionId: string;
      readonly eventId: string;
      readonly what: string;
    }
  | { readonly op: 'usage'; readonly sessionId: string; readonly recordId: string; readonly tokens: number }
  /** Conversations that the model has open, and calls that there are, once all is quiet. */
  | { readonly op: 'modelSessions'; readonly open: number; readonly calls: number };

export type HistoryEntry = Observation & { readonly tMs: number; readonly actor: string };

/**
 * What happened in a run, in the order in which it was observed. Append-only: in memory for the checker, and line by
 * line in a file for whoever has to understand it.
 */
export class History {
  readonly #startedAtMs = performance.now();
  readonly #entries: HistoryEntry[] = [];
  readonly #file: WriteStream | undefined;

  constructor(path?: string) {
    if (path === undefined) return;
    mkdirSync(dirname(path), { recursive: true });
    this.#file = createWriteStream(path, { flags: 'w' });
  }

  get entries(): readonly HistoryEntry[] {
    return this.#entries;
  }

  nowMs(): number {
    return performance.now() - this.#startedAtMs;
  }

  add(actor: string, observation: Observation): HistoryEntry {
    const entry: HistoryEntry = { tMs: Math.round(this.nowMs() * 10) / 10, actor, ...observation };
    this.#entries.push(entry);
    this.#file?.write(`${JSON.stringify(entry)}\n`);
    return entry;
  }

  async close(): Promise<void> {
    const file = this.#file;
    if (file) await new Promise<void>((resolve) => file.end(resolve));
  }
}
