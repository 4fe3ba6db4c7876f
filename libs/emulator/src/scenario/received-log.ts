/** A client message as it was sent, parsed; only what the emulator reads is named here. */
export interface ReceivedMessage {
  readonly setup?: { readonly model?: string; readonly [field: string]: unknown };
  readonly clientContent?: {
    readonly turns?: readonly { readonly role?: string; readonly parts?: readonly ReceivedPart[] }[];
    readonly turnComplete?: boolean;
  };
  readonly realtimeInput?: {
    readonly text?: string;
    readonly audio?: ReceivedBlob;
    readonly video?: ReceivedBlob;
    readonly activityStart?: object;
    readonly activityEnd?: object;
    readonly audioStreamEnd?: boolean;
    readonly mediaChunks?: readonly ReceivedBlob[];
  };
  readonly toolResponse?: { readonly functionResponses?: readonly ReceivedFunctionResponse[] };
  readonly contextUpdate?: Readonly<Record<string, unknown>>;
  /** The frame was no JSON object; this is its text. */
  readonly malformed?: string;
}

interface ReceivedPart {
  readonly text?: string;
  readonly [field: string]: unknown;
}

interface ReceivedBlob {
  readonly data?: string;
  readonly mimeType?: string;
}

interface ReceivedFunctionResponse {
  readonly id?: string;
  readonly name?: string;
  readonly response?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

const MAX_MESSAGES = 20_000;
const MAX_CHARS = 64 * 1024 * 1024;

/**
 * What one client sent, media included, in order.
 *
 * 1. The first message, the setup, is always kept; others once `keepAll` was called.
 * 2. Bounded: beyond 20,000 messages or 64 Mi characters nothing more is kept, and `full` says so.
 */
export class ReceivedLog {
  readonly messages: ReceivedMessage[] = [];
  readonly #listeners = new Set<() => void>();
  #all = false;
  #chars = 0;
  #full = false;

  /** Whether messages were left out for want of room. */
  get full(): boolean {
    return this.#full;
  }

  keepAll(): void {
    this.#all = true;
  }

  record(frame: string): void {
    if (!this.#all && this.messages.length > 0) return;
    this.#chars += frame.length;
    this.#full ||= this.messages.length >= MAX_MESSAGES || this.#chars > MAX_CHARS;
    if (!this.#full) this.messages.push(parse(frame));
  }

  /** Tells that the newest message was also answered, or that the connection has ended. */
  announce(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  /** Answers how to stop listening. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

function parse(frame: string): ReceivedMessage {
  try {
    const value: unknown = JSON.parse(frame);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // told by `malformed`
  }
  return { malformed: frame };
}
