/**
 * Cuts `bytes` into chunks of the given lengths, which are taken in turn and twice; what is left is one chunk. A
 * length of 0 gives an empty chunk.
 */
export function* cut(bytes: Uint8Array, lengths: readonly number[]): Generator<Uint8Array, void, undefined> {
  let turn = 0;
  for (let at = 0; at < bytes.length;) {
    const length = turn < lengths.length * 2 ? (lengths[turn % lengths.length] ?? 1) : bytes.length;
    yield bytes.subarray(at, at + length);
    at += length;
    turn += 1;
  }
}

export function join(parts: Iterable<Uint8Array>): Uint8Array<ArrayBuffer> {
  const all = [...parts];
  const whole = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
