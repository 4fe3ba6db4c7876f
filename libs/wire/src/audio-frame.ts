/**
 * The binary media frame that clients and pods exchange, both ways.
 *
 * 16-byte header, big-endian: `ver u8 | kind u8 | codec u8 | flags u8 | turn u32 | seq u32 | tsMs u32`, then the
 * payload as it is (no base64). `turn` is the model turn that audio of the model belongs to (0 from a client);
 * `seq` counts frames within the turn from 0; `tsMs` is the position of the payload's first sample within the
 * turn (model) or the stream (client), in milliseconds.
 */
export const FRAME_VERSION = 1;
export const FRAME_HEADER_BYTES = 16;

export const FRAME_KIND = { mic: 1, model: 2, video: 3 } as const;
export type FrameKind = (typeof FRAME_KIND)[keyof typeof FRAME_KIND];

export const FRAME_CODEC = { pcm16at16k: 1, pcm16at24k: 2, jpeg: 16, png: 17, webp: 18 } as const;
export type FrameCodec = (typeof FRAME_CODEC)[keyof typeof FRAME_CODEC];

/** Bit 0: last frame of the turn's audio. */
export const FRAME_FLAG_LAST = 1;

export interface MediaFrame {
  readonly kind: FrameKind;
  readonly codec: FrameCodec;
  readonly flags: number;
  readonly turn: number;
  readonly seq: number;
  readonly tsMs: number;
  readonly payload: Uint8Array;
}

/** The MIME type of a codec's payload, as the Live API wants it. */
export const CODEC_MIME: Readonly<Record<FrameCodec, string>> = {
  [FRAME_CODEC.pcm16at16k]: 'audio/pcm;rate=16000',
  [FRAME_CODEC.pcm16at24k]: 'audio/pcm;rate=24000',
  [FRAME_CODEC.jpeg]: 'image/jpeg',
  [FRAME_CODEC.png]: 'image/png',
  [FRAME_CODEC.webp]: 'image/webp',
};

export function encodeFrame(frame: MediaFrame): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + frame.payload.byteLength);
  writeFrameHeader(bytes, frame);
  bytes.set(frame.payload, FRAME_HEADER_BYTES);
  return bytes;
}

export function writeFrameHeader(into: Uint8Array, frame: Omit<MediaFrame, 'payload'>): void {
  into[0] = FRAME_VERSION;
  into[1] = frame.kind;
  into[2] = frame.codec;
  into[3] = frame.flags;
  writeU32(into, 4, frame.turn);
  writeU32(into, 8, frame.seq);
  writeU32(into, 12, frame.tsMs);
}

export type FrameProblem =
  'malformed_frame' | 'unsupported_version' | 'unsupported_audio' | 'frame_too_large';

/** Largest audio payload a client may send: 16 KiB, and 200 ms (6,400 B at 16 kHz). */
export const MAX_AUDIO_BYTES = 16_384;
export const MAX_AUDIO_MS = 200;
/** Largest message of any kind from a client. */
export const MAX_MESSAGE_BYTES = 262_144;

/** Reads a frame without copying its payload; answers what is wrong with it instead of throwing. */
export function decodeFrame(bytes: Uint8Array): MediaFrame | FrameProblem {
  if (bytes.byteLength < FRAME_HEADER_BYTES) return 'malformed_frame';
  if (bytes[0] !== FRAME_VERSION) return 'unsupported_version';
  const kind = bytes[1] as FrameKind;
  const codec = bytes[2] as FrameCodec;
  if (!(codec in CODEC_MIME)) return 'unsupported_audio';
  if (kind !== FRAME_KIND.mic && kind !== FRAME_KIND.model && kind !== FRAME_KIND.video)
    return 'malformed_frame';
  return {
    kind,
    codec,
    flags: bytes[3] ?? 0,
    turn: readU32(bytes, 4),
    seq: readU32(bytes, 8),
    tsMs: readU32(bytes, 12),
    payload: bytes.subarray(FRAME_HEADER_BYTES),
  };
}

/** What is wrong with a frame as something that a client sent; undefined when it may pass. */
export function checkClientFrame(frame: MediaFrame): FrameProblem | undefined {
  const size = frame.payload.byteLength;
  if (frame.kind === FRAME_KIND.mic) {
    if (frame.codec !== FRAME_CODEC.pcm16at16k) return 'unsupported_audio';
    if (size === 0 || size % 2 !== 0) return 'malformed_frame';
    if (size > MAX_AUDIO_BYTES || size / 32 > MAX_AUDIO_MS) return 'frame_too_large';
    return undefined;
  }
  if (frame.kind === FRAME_KIND.video) {
    if (frame.codec < FRAME_CODEC.jpeg) return 'unsupported_audio';
    return size === 0 ? 'malformed_frame' : undefined;
  }
  return 'malformed_frame';
}

export function readU32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0
  );
}

export function writeU32(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 24;
  into[at + 1] = value >>> 16;
  into[at + 2] = value >>> 8;
  into[at + 3] = value;
}
