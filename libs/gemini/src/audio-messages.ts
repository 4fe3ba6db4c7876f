/**
 * The model's audio on its way down. Nine messages of ten are one audio part: kilobytes of base64 in a frame of
 * which everything else is a fixed wrapping. Parsing that as JSON copies the text twice more than needed.
 *
 * 1. The wrapping is matched token by token, with any white space between tokens (Google sends two-space
 *    pretty-printed JSON, others compact), and then, since a server does not change its ways, byte for byte. At the
 *    first byte that does not match, the answer is undefined and the caller parses the frame as JSON: this file
 *    recognises, it does not validate.
 * 2. When the message goes on after the audio (a transcription, `turnComplete`, usage …), the frame is parsed with
 *    the audio cut out and the bytes are put in its place.
 * 3. The result is what `JSON.parse` and a base64 decoder would give. [audio-messages.spec.ts compares them]
 */
export type AudioMessage =
  | { readonly kind: 'audio'; readonly mimeType: string; readonly data: Uint8Array }
  /** The parsed message, with `data` of its first part as bytes. */
  | { readonly kind: 'combined'; readonly message: unknown };

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
const PADDING = 0x3d;

/** Stands for the audio while the rest is parsed; not base64, so that it can't be anybody's data. */
const CUT_OUT = '*';
const WITHOUT_AUDIO = `{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"data":"${CUT_OUT}`;

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

  read(frame: Buffer): AudioMessage | undefined {
    return this.#readWrapped(frame) ?? this.#readAny(frame);
  }

  #readWrapped(frame: Buffer): AudioMessage | undefined {
    if (!this.#wrapping) return undefined;
    const { mimeType, before, after } = this.#wrapping;
    const [start, end] = [before.length, frame.length - after.length];
    if (start >= end || frame.compare(before, 0, start, 0, start) !== 0) return undefined;
    if (frame.compare(after, 0, after.length, end) !== 0) return undefined;
    // Were there anything but one base64 text between the two, it would not decode.
    const data = decodeStrictly(frame, start, end);
    return data && { kind: 'audio', mimeType, data };
  }

  #readAny(frame: Buffer): AudioMessage | undefined {
    const place = findAudio(frame);
    const data = place && decodeStrictly(frame, place.start, place.end);
    if (!data) return undefined;
    const { mimeType, start, end } = place;
    if (!endsAfterAudio(frame, end + 1)) return parseAround(frame, place, data);
    this.#wrapping = {
      mimeType,
      before: Buffer.from(frame.subarray(0, start)),
      after: Buffer.from(frame.subarray(end)),
    };
    return { kind: 'audio', mimeType, data };
  }
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

/**
 * Undefined unless all of it is base64, padded. Node's decoder skips what is not in its alphabets, so that
 * anything else in there shows as a shorter result.
 */
function decodeStrictly(frame: Buffer, start: number, end: number): Uint8Array | undefined {
  const length = end - start;
  if (length === 0 || length % 4 !== 0) return undefined;
  const padding = frame[end - 1] !== PADDING ? 0 : frame[end - 2] !== PADDING ? 1 : 2;
  const expected = (length / 4) * 3 - padding;
  const decoded = Buffer.from(frame.toString('latin1', start, end), 'base64');
  if (decoded.length !== expected) return undefined;
  return new Uint8Array(decoded.buffer, decoded.byteOffset, expected);
}

function endsAfterAudio(frame: Buffer, start: number): boolean {
  let at = follow(frame, start, END_OF_PARTS);
  const comma = follow(frame, at, COMMA);
  if (comma >= 0) at = follow(frame, comma, ROLE);
  at = follow(frame, at, END_OF_MESSAGE);
  return at >= 0 && skipSpace(frame, at) === frame.length;
}

/** The head of the frame is known by now, and written anew; of it, only the role is lost, which nobody reads. */
function parseAround(
  frame: Buffer,
  { mimeType, end }: AudioPlace,
  data: Uint8Array,
): AudioMessage | undefined {
  let message: unknown;
  try {
    message = JSON.parse(WITHOUT_AUDIO + frame.toString('utf8', end));
  } catch {
    return undefined;
  }
  const blob = member(
    member(member(member(member(message, 'serverContent'), 'modelTurn'), 'parts'), 0),
    'inlineData',
  );
  if (typeof blob !== 'object' || blob === null || member(blob, 'data') !== CUT_OUT) return undefined;
  Object.assign(blob, { mimeType, data });
  return { kind: 'combined', message };
}

function member(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
