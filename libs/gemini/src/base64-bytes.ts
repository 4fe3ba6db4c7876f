/**
 * The bytes that `text` encodes, in either alphabet, padded or not; undefined when it is not base64 from end to
 * end. Node's decoder skips what is not in its alphabets: what does not belong shows as a shorter result, which is
 * cheaper to notice than to look for.
 */
export function base64Bytes(text: string): Uint8Array | undefined {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const digits = text.length - padding;
  if (digits % 4 === 1) return undefined;
  const expected = Math.floor((digits * 3) / 4);
  const decoded = Buffer.from(text, 'base64');
  if (decoded.length !== expected) return undefined;
  return new Uint8Array(decoded.buffer, decoded.byteOffset, expected);
}
