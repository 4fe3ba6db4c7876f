/** The parts of a conversation, in the shapes of Google's genai types (Content, Part, Blob, FunctionCall …). */

export interface Content {
  readonly role?: 'user' | 'model' | 'system';
  readonly parts: readonly Part[];
}

export interface Part {
  readonly text?: string;
  /** With `text`: the model's reasoning, not its answer. */
  readonly thought?: boolean;
  readonly inlineData?: Blob;
  /** A file elsewhere; `artifact://app/user/session/name#version` for what this service keeps. */
  readonly fileData?: { readonly fileUri: string; readonly mimeType?: string };
  readonly functionCall?: FunctionCall;
  /** What a thinking model wants back with its call, untouched. */
  readonly thoughtSignature?: string;
  readonly functionResponse?: FunctionResponse;
  readonly executableCode?: { readonly code?: string; readonly language?: string };
  readonly codeExecutionResult?: { readonly outcome?: string; readonly output?: string };
}

/** Media in memory: raw bytes, never base64. The JSON codec is what turns them into base64. */
export interface Blob {
  /** For audio with its rate: `audio/pcm;rate=16000` in, `audio/pcm;rate=24000` out (PCM16 mono little-endian). */
  readonly mimeType: string;
  readonly data: Uint8Array;
}

export interface FunctionCall {
  readonly id: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export type FunctionResponseScheduling = 'SILENT' | 'WHEN_IDLE' | 'INTERRUPT';

export interface FunctionResponse {
  readonly id: string;
  readonly name: string;
  readonly response: Readonly<Record<string, unknown>>;
  readonly scheduling?: FunctionResponseScheduling;
  /** True for every result of a generator but its last. */
  readonly willContinue?: boolean;
  /** Media that belongs to the result. */
  readonly parts?: readonly Part[];
}

export interface Transcription {
  /** A delta while `finished` is false; the whole text when it is true. */
  readonly text: string;
  readonly finished: boolean;
  readonly languageCode?: string;
  readonly speakerLabel?: string;
}
