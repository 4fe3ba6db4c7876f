import type { Blob } from '@parley/event';

/** Where recordings of a conversation are kept among the files of its session. */
export const LIVE_FOLDER = '_adk_live';

/** What is gathered for one file. */
export interface LiveBlobTake {
  /** When its first chunk came, in milliseconds since the epoch. */
  readonly firstChunkMs: number;
  readonly byteLength: number;
  /** With its folder: the artifact's name. */
  readonly filename: string;
  /** Adds a chunk; false when it does not belong into this file, which is then done. */
  add(blob: Blob, nowMs: number): boolean;
  file(): LiveBlobContents;
}

/** A file as it is saved. */
export interface LiveBlobContents {
  readonly mimeType: string;
  readonly data: Uint8Array;
  readonly metadata: Readonly<Record<string, unknown>>;
}
