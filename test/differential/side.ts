import type { Conversation } from './conversation.js';

export type Json = Readonly<Record<string, unknown>>;

/** What the user sends, in ADK's words; media as base64. */
export interface UserRequest {
  readonly content?: Json;
  readonly blob?: { readonly mimeType: string; readonly data: string };
  readonly activityStart?: Json;
  readonly activityEnd?: Json;
}

/** One of the two runtimes under comparison. */
export interface Side {
  readonly name: 'adk' | 'parley';
  /** Resolves when the runtime has been told to run. */
  start(conversation: Conversation, options: StartOptions): Promise<Run>;
}

export interface StartOptions {
  /** Of the emulator, as SDKs take it. */
  readonly baseUrl: string;
  readonly sessionId: string;
}

/** One `runLive` of a runtime. */
export interface Run {
  /** What it has yielded so far, as JSON. */
  readonly events: readonly Json[];
  /** Undefined while it goes on; `threw` is an error's message. */
  readonly ended: { readonly threw?: string } | undefined;
  /** What else became known: requests that were refused, rejections nobody took. */
  readonly remarks: readonly string[];
  send(request: UserRequest): void;
  /** Lets tools go on that wait. */
  release(): void;
  closeQueue(): void;
  abort(): void;
  /** The session's events. */
  stored(): Promise<readonly Json[]>;
  /** Ends what would not end. */
  abandon(): void;
}
