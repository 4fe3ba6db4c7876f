const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { fatal: true });

const MAX_FIELD_BYTES = 0xffff;

/** Strings in UTF-8, each behind its length in bytes as u16 big-endian, then `rest` as it is. */
export function encodeFields(fields: readonly string[], rest: Uint8Array = new Uint8Array(0)): Uint8Array {
  const encoded = fields.map((field) => ENCODER.encode(field));
  const total = encoded.reduce((sum, bytes) => sum + 2 + bytes.byteLength, rest.byteLength);
  const into = new Uint8Array(total);
  let at = 0;
  for (const bytes of encoded) {
    if (bytes.byteLength > MAX_FIELD_BYTES) throw new RangeError('A field of a link frame is over 64 KiB.');
    into[at] = bytes.byteLength >>> 8;
    into[at + 1] = bytes.byteLength;
    into.set(bytes, at + 2);
    at += 2 + bytes.byteLength;
  }
  into.set(rest, at);
  return into;
}

export interface DecodedFields {
  readonly fields: readonly string[];
  /** A view of what follows the fields. */
  readonly rest: Uint8Array;
}

/** Undefined when there are fewer than `count` fields or one of them is not UTF-8. */
export function decodeFields(bytes: Uint8Array, count: number): DecodedFields | undefined {
  const fields: string[] = [];
  let at = 0;
  while (fields.length < count) {
    if (at + 2 > bytes.byteLength) return undefined;
    const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    at += 2;
    if (at + length > bytes.byteLength) return undefined;
    try {
      fields.push(DECODER.decode(bytes.subarray(at, at + length)));
    } catch {
      return undefined;
    }
    at += length;
  }
  return { fields, rest: bytes.subarray(at) };
}
