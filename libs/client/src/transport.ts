import type { ClientMessageInput } from '@parley/wire';

/**
 * The socket as the client sees it: messages and frames both ways, in order, and one end.
 *
 * 1. `open` is called once; nothing is sent before `opened`.
 * 2. `closed` is called exactly once, whoever closed and whether or not it had opened.
 * 3. `close` is idempotent and may come at any time.
 */
export interface LiveTransport {
  /** Bytes taken by `send…` that have not left this machine yet. */
  readonly bufferedBytes: number;
  open(listener: TransportListener): void;
  sendMessage(message: ClientMessageInput): void;
  sendFrame(bytes: Uint8Array): void;
  close(code: number, reason: string): void;
}

export interface TransportListener {
  opened(): void;
  /** A parsed JSON value; what does not parse never gets here. */
  message(value: unknown): void;
  frame(bytes: Uint8Array): void;
  closed(end: TransportEnd): void;
}

export interface TransportEnd {
  /** The WebSocket close code; undefined where the transport knows none. */
  readonly code: number | undefined;
  readonly reason: string;
}

/** Undefined for what is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
