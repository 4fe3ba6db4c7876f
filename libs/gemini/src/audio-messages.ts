import type { Blob } from '@parley/event';
import { base64Bytes } from './base64-bytes.js';
import { asArray, asRecord, parseRecord, type JsonRecord } from './proto-json.js';

/**
 * The model's audio on its way down. A message that speaks is kilobytes of base64 in a fixed wrapping, alone or, from
 * Gemini 3.1 on, with a few words of transcription behind it; as JSON, all of it would be copied twice more.
 *
 * 1. The wrapping is matched token by token, with any white space between tokens (Google sends two-space
 *    pretty-printed JSON, others compact), and from then on, since a server does not change its ways, byte for byte.
 *    At the first byte that does not match, the answer is undefined and the caller parses the frame: this file
 *    recognises, it does not validate.
 * 2. When the message goes on after the audio, the rest is parsed without the audio and the bytes are put in place.
 * 3. What comes out is what parsing the frame gives. [audio-messages.spec.ts compares them]
 */
export type AudioMessage =
  | { readonly kind: 'audio'; readonly audio: Blob }
  /** The message as parsed, but with bytes for `data` of its first part. */
  | { readonly kind: 'combined'; readonly message: JsonRecord };

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

/** Stands for the audio while the rest is parsed; not base64, so that it can't be anybody's data. */
const CUT_OUT = '*';
const WITHOUT_AUDIO = `{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"data":"${CUT_OUT}`;

/** What a server writes before its audio, up to the quote that opens the data. */
interface Opening {
  readonly mimeType: string;
  readonly bytes: Buffer;
}

/** Reads the frames of one connection; remembers nothing of them but the wrapping. */
export class AudioMessageReader {
  #opening: Opening | undefined;
  /** What follows the audio when nothing else comes with it, from the closing quote on. */
  #closing: Buffer | undefined;

  read(frame: Buffer): AudioMessage | undefined {
    if (!this.#opening || !hasAt(frame, 0, this.#opening.bytes)) {
      const opening = findOpening(frame);
      if (!opening) return undefined;
      this.#opening = opening;
    }
    const { mimeType, bytes } = this.#opening;
    const closing = this.#closing;
    const alone = closing !== undefined && hasAt(frame, frame.length - closing.length, closing);
    const start = bytes.length;
    const end = alone ? frame.length - closing.length : frame.indexOf(QUOTE, start);
    // Undefined also when anything but one base64 text is between the two: that would not decode.
    const data = end > start ? base64Bytes(frame.toString('latin1', start, end)) : undefined;
    if (!data?.length) return undefined;
    const audio = { mimeType, data };
    if (alone) return { kind: 'audio', audio };
    if (!endsAfterAudio(frame, end + 1)) return readAround(frame, end, audio);
    this.#closing = Buffer.from(frame.subarray(end));
    return { kind: 'audio', audio };
  }
}

function hasAt(frame: Buffer, at: number, bytes: Buffer): boolean {
  const end = at + bytes.length;
  return at >= 0 && end <= frame.length && frame.compare(bytes, 0, bytes.length, at, end) === 0;
}

function findOpening(frame: Buffer): Opening | undefined {
  let at = follow(frame, 0, TO_MODEL_TURN);
  const afterRole = follow(frame, at, ROLE);
  if (afterRole >= 0) at = follow(frame, afterRole, COMMA);
  const mimeStart = follow(frame, at, TO_MIME_TYPE);
  const mimeEnd = mimeStart < 0 ? -1 : frame.indexOf(QUOTE, mimeStart);
  if (mimeEnd < 0) return undefined;
  const mimeType = frame.toString('latin1', mimeStart, mimeEnd);
  const start = /^audio\/[\w.+;= -]+$/.test(mimeType) ? follow(frame, mimeEnd + 1, TO_DATA) : -1;
  return start < 0 ? undefined : { mimeType, bytes: Buffer.from(frame.subarray(0, start)) };
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

/** Of the opening, which is written anew, only the role is lost, and nobody reads it. */
function readAround(frame: Buffer, end: number, audio: Blob): AudioMessage | undefined {
  const message = parseRecord(WITHOUT_AUDIO + frame.toString('utf8', end));
  const parts = asRecord(asRecord(message?.['serverContent'])?.['modelTurn'])?.['parts'];
  const blob = asRecord(asRecord(asArray(parts)[0])?.['inlineData']);
  if (!message || blob?.['data'] !== CUT_OUT) return undefined;
  Object.assign(blob, audio);
  return { kind: 'combined', message };
}
