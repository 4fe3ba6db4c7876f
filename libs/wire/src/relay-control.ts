import { readU32, writeU32 } from './audio-frame.js';

/**
 * Control frames between a gateway and a worker, inside the relay link.
 *
 * Up: the client's message as JSON, checked by the gateway. Down: `kind u8 | turn u32 | seq u32 | idLength u8 | id` and
 * then, for what goes to the client, the finished JSON text of a server message: the gateway passes it on without
 * parsing it. `seq` is the message's own (0 where it has none); `id` is that of the stored event in it, else empty.
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
  /** JSON for the client (`resumed`); the run goes on here. */
  resumed: 8,
  /** JSON for the client (`ack`); `id` is that of the client's message. */
  ack: 9,
  /** For the gateway alone: this attach has the number `turn`. First on a channel that owns the downlink. */
  attached: 10,
  /** For the gateway alone: of the media frames sent up on this channel, the first `turn` need not be sent again. */
  settled: 11,
  /** For the gateway alone: JSON of a `Placement`, where the run goes on. The worker closes the channel after it. */
  moved: 12,
} as const;
export type DownKind = (typeof DOWN_KIND)[keyof typeof DOWN_KIND];

const FIXED_BYTES = 10;
const MAX_ID_BYTES = 255;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface DownControl {
  readonly kind: DownKind;
  readonly turn: number;
  /** 0 for what is not numbered. */
  readonly seq: number;
  /** Empty for what has none; one longer than 255 bytes is left out. */
  readonly id: string;
  readonly json: string;
}

export function encodeDownControl(
  control: Pick<DownControl, 'kind' | 'json'> & Partial<DownControl>,
): Uint8Array {
  const given = encoder.encode(control.id ?? '');
  const id = given.byteLength > MAX_ID_BYTES ? given.subarray(0, 0) : given;
  const json = encoder.encode(control.json);
  const bytes = new Uint8Array(FIXED_BYTES + id.byteLength + json.byteLength);
  bytes[0] = control.kind;
  writeU32(bytes, 1, control.turn ?? 0);
  writeU32(bytes, 5, control.seq ?? 0);
  bytes[9] = id.byteLength;
  bytes.set(id, FIXED_BYTES);
  bytes.set(json, FIXED_BYTES + id.byteLength);
  return bytes;
}

/** Undefined for bytes that are no control frame. */
export function decodeDownControl(bytes: Uint8Array): DownControl | undefined {
  const kind = bytes[0] as DownKind | undefined;
  const jsonAt = FIXED_BYTES + (bytes[9] ?? 0);
  if (kind === undefined || kind < DOWN_KIND.message || kind > DOWN_KIND.moved || bytes.byteLength < jsonAt) {
    return undefined;
  }
  return {
    kind,
    turn: readU32(bytes, 1),
    seq: readU32(bytes, 5),
    id: decoder.decode(bytes.subarray(FIXED_BYTES, jsonAt)),
    json: decoder.decode(bytes.subarray(jsonAt)),
  };
}
