import { readU32, writeU32 } from '@parley/wire';

/**
 * The frame of the link between a gateway and a worker: one TCP connection a pair, many live runs on it.
 *
 * 24-byte header, big-endian, then `len` bytes of payload:
 *
 *     0        4      5       6            8      12        16     20    24
 *     len u32 | type | flags | reserved u16 | chan | epochLo | turn | seq | payload …
 *
 * - `len` counts the payload only, at most `MAX_LINK_PAYLOAD_BYTES` (4 KiB until the handshake is done).
 * - `flags` and `reserved` are 0 in version 1; anything else is garbage and ends the link.
 * - `chan` names a live run on this link: given by the gateway, rising from 1, never used twice. 0 is the link.
 * - `epochLo` is the low 32 bits of the run's epoch; a frame of another epoch is dropped and counted.
 * - `turn` is the model turn of a media frame, the bytes granted by a credit, the number of a ping; else 0.
 * - `seq` counts the frames of a channel and direction from 0, whatever their type; a hole ends the link.
 *
 * | frame     | from    | payload                                                                    |
 * |-----------|---------|----------------------------------------------------------------------------|
 * | challenge | worker  | fields: nonce                                                              |
 * | hello     | gateway | fields: version, gateway, worker, nonce, capabilities, token               |
 * | welcome   | worker  | fields: version, worker, incarnation, capabilities, proof                  |
 * | reject    | worker  | fields: error code, message; the worker then hangs up                      |
 * | open      | gateway | fields: live id, epoch, attach, media window in bytes; the caller's bytes  |
 * | opened    | worker  | none                                                                       |
 * | refused   | worker  | fields: error code, message, milliseconds to wait before trying again      |
 * | control   | both    | the caller's bytes                                                         |
 * | media     | both    | a media frame of libs/wire, header included                                |
 * | credit    | gateway | none                                                                       |
 * | close     | both    | fields: reason                                                             |
 * | ping/pong | both    | none                                                                       |
 *
 * "Fields" are strings in UTF-8, each behind its length in bytes as u16; see link-message.ts.
 */
export const LINK_VERSION = 1;
export const LINK_HEADER_BYTES = 24;
export const MAX_LINK_PAYLOAD_BYTES = 272 * 1024;
export const MAX_HANDSHAKE_PAYLOAD_BYTES = 4 * 1024;

export const LINK_FRAME = {
  challenge: 1,
  hello: 2,
  welcome: 3,
  reject: 4,
  open: 5,
  opened: 6,
  refused: 7,
  control: 8,
  media: 9,
  credit: 10,
  close: 11,
  ping: 12,
  pong: 13,
} as const;
export type LinkFrameType = (typeof LINK_FRAME)[keyof typeof LINK_FRAME];

const LAST_TYPE = LINK_FRAME.pong;

export interface LinkFrameHeader {
  type: LinkFrameType;
  chan: number;
  epochLo: number;
  turn: number;
  seq: number;
  /** Bytes of payload behind the header. */
  length: number;
}

export function epochLow(epoch: number): number {
  return epoch % 0x1_0000_0000;
}

export function writeLinkHeader(into: Uint8Array, at: number, header: Readonly<LinkFrameHeader>): void {
  writeU32(into, at, header.length);
  into[at + 4] = header.type;
  into[at + 5] = 0;
  into[at + 6] = 0;
  into[at + 7] = 0;
  writeU32(into, at + 8, header.chan);
  writeU32(into, at + 12, header.epochLo);
  writeU32(into, at + 16, header.turn);
  writeU32(into, at + 20, header.seq);
}

/** Reads 24 bytes into `header`; false when they can't be a header. The length is for the caller to judge. */
export function readLinkHeader(bytes: Uint8Array, at: number, header: LinkFrameHeader): boolean {
  const type = bytes[at + 4] ?? 0;
  if (type === 0 || type > LAST_TYPE) return false;
  if (bytes[at + 5] !== 0 || bytes[at + 6] !== 0 || bytes[at + 7] !== 0) return false;
  header.length = readU32(bytes, at);
  header.type = type as LinkFrameType;
  header.chan = readU32(bytes, at + 8);
  header.epochLo = readU32(bytes, at + 12);
  header.turn = readU32(bytes, at + 16);
  header.seq = readU32(bytes, at + 20);
  return true;
}
