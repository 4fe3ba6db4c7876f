import type { Blob } from '@parley/event';
import { base64Bytes } from './base64-bytes.js';

/**
 * The model's audio on its way down. Most messages are one audio part and nothing else: kilobytes of base64 in a
 * frame of which the rest is a fixed wrapping, so that there is nothing to parse.
 *
 * The wrapping is matched token by token, with any white space between tokens (Google sends two-space
 * pretty-printed JSON, others compact), and from then on, since a server does not change its ways, byte for byte.
 * At the first byte that does not match, the answer is undefined and the caller parses the frame as JSON: this
 * file recognises, it does not validate. What it gives is what parsing gives. [audio-messages.spec.ts compares]
 */
const tokens = (...texts: readonly string[]): readonly Uint8Array[] => texts.map((text) => Buffer.from(text));

const TO_MODEL_TURN = tokens('{', '"serverContent"', ':', '{', '"modelTurn"', ':', '{');
/** Vertex names the role, the Gemini API does not. */
const ROLE = tokens('"role"', ':', '"model"');
const COMMA = tokens(',');
const TO_MIME_TYPE = tokens('"parts"', ':', '[', '{', '"inlineData"', ':', '{', '"mimeType"', ':', '"');
const TO_DATA = tokens(',', '"data"', ':', '"');
const END_OF_PARTS = tokens('}', '}', ']');
const END_OF_MESSAGE = tokens('}', '}', '}');

const QUOTE = 0x22;

/** Where the audio is in a frame: `data` from `start` to `end`, without its quotes. */
interface AudioPlace {
  readonly mimeType: string;
  readonly start: number;
  readonly end: number;
}

/** What a server puts around its audio when the audio is all there is. */
interface Wrapping {
  readonly mimeType: string;
  readonly before: Buffer;
  readonly after: Buffer;
}

/** Reads the frames of one connection; remembers nothing of them but the wrapping. */
export class AudioMessageReader {
  #wrapping: Wrapping | undefined;

  read(frame: Buffer): Blob | undefined {
    const wrapping = this.#wrapping;
    if (
      !wrapping ||
      frame.compare(wrapping.before, 0, wrapping.before.length, 0, wrapping.before.length) !== 0
    ) {
      return this.#readUnknown(frame);
    }
    const { mimeType, before, after } = wrapping;
    const [start, end] = [before.length, frame.length - after.length];
    // Begins alike and ends otherwise: something comes with the audio.
    if (start >= end || frame.compare(after, 0, after.length, end) !== 0) return undefined;
    return audioIn(frame, { mimeType, start, end });
  }

  #readUnknown(frame: Buffer): Blob | undefined {
    const place = findAudio(frame);
    if (!place || !endsAfterAudio(frame, place.end + 1)) return undefined;
    const audio = audioIn(frame, place);
    if (!audio) return undefined;
    const before = Buffer.from(frame.subarray(0, place.start));
    const after = Buffer.from(frame.subarray(place.end));
    this.#wrapping = { mimeType: place.mimeType, before, after };
    return audio;
  }
}

/** Undefined also when anything but one base64 text is there: that would not decode. */
function audioIn(frame: Buffer, { mimeType, start, end }: AudioPlace): Blob | undefined {
  const data = base64Bytes(frame.toString('latin1', start, end));
  return data?.length ? { mimeType, data } : undefined;
}

function findAudio(frame: Buffer): AudioPlace | undefined {
  let at = follow(frame, 0, TO_MODEL_TURN);
  const afterRole = follow(frame, at, ROLE);
  if (afterRole >= 0) at = follow(frame, afterRole, COMMA);
  const mimeStart = follow(frame, at, TO_MIME_TYPE);
  const mimeEnd = mimeStart < 0 ? -1 : frame.indexOf(QUOTE, mimeStart);
  if (mimeEnd < 0) return undefined;
  const mimeType = frame.toString('latin1', mimeStart, mimeEnd);
  const start = /^audio\/[\w.+;= -]+$/.test(mimeType) ? follow(frame, mimeEnd + 1, TO_DATA) : -1;
  const end = start < 0 ? -1 : frame.indexOf(QUOTE, start);
  return end < 0 ? undefined : { mimeType, start, end };
}

/** Position after the last of `wanted`, from `start`, or -1. White space before each token is skipped. */
function follow(frame: Buffer, start: number, wanted: readonly Uint8Array[]): number {
  if (start < 0) return -1;
  let at = start;
  for (const token of wanted) {
    at = skipSpace(frame, at);
    for (let i = 0; i < token.length; i++) {
      if (frame[at + i] !== token[i]) return -1;
    }
    at += token.length;
  }
  return at;
}

/** JSON's white space: space, tab, line feed, carriage return. */
function skipSpace(frame: Buffer, start: number): number {
  let at = start;
  for (
    let byte = frame[at];
    byte === 0x20 || byte === 0x0a || byte === 0x09 || byte === 0x0d;
    byte = frame[at]
  ) {
    at += 1;
  }
  return at;
}

function endsAfterAudio(frame: Buffer, start: number): boolean {
  let at = follow(frame, start, END_OF_PARTS);
  const comma = follow(frame, at, COMMA);
  if (comma >= 0) at = follow(frame, comma, ROLE);
  at = follow(frame, at, END_OF_MESSAGE);
  return at >= 0 && skipSpace(frame, at) === frame.length;
}
