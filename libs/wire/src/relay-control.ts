import { readU32, writeU32 } from './audio-frame.js';

/**
 * Control frames between a gateway and a worker, inside the relay link.
 *
 * Up: the client's message as JSON, checked by the gateway. Down: `kind u8 | turn u32` and then, for what goes to
 * the client, the finished JSON text of a server message: the gateway passes it on without parsing it.
 */
export const DOWN_KIND = {
  /** JSON for the client. */
  message: 1,
  /** JSON for the client, after every audio frame up to and including `turn` has been dropped. */
  interrupted: 2,
  /** JSON for the client; the model's turn is over. */
  turnComplete: 3,
  /** JSON for the client; a tool's result was given to the model, which may speak of it next. */
  toolResult: 4,
  /** JSON for the client (`ready`); the model has accepted the set-up. */
  ready: 5,
  /** JSON for the client (`ended`), then the connection is closed. */
  ended: 6,
  /** JSON for the client (`error` that ends the call), then the connection is closed. */
  failed: 7,
} as const;
export type DownKind = (typeof DOWN_KIND)[keyof typeof DOWN_KIND];

const DOWN_HEADER_BYTES = 5;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface DownControl {
  readonly kind: DownKind;
  readonly turn: number;
  readonly json: string;
}

export function encodeDownControl(control: DownControl): Uint8Array {
  const json = encoder.encode(control.json);
  const bytes = new Uint8Array(DOWN_HEADER_BYTES + json.byteLength);
  bytes[0] = control.kind;
  writeU32(bytes, 1, control.turn);
  bytes.set(json, DOWN_HEADER_BYTES);
  return bytes;
}

/** Undefined for bytes that are no control frame. */
export function decodeDownControl(bytes: Uint8Array): DownControl | undefined {
  const kind = bytes[0] as DownKind | undefined;
  if (
    bytes.byteLength < DOWN_HEADER_BYTES ||
    kind === undefined ||
    kind < DOWN_KIND.message ||
    kind > DOWN_KIND.failed
  ) {
    return undefined;
  }
  return { kind, turn: readU32(bytes, 1), json: decoder.decode(bytes.subarray(DOWN_HEADER_BYTES)) };
}
