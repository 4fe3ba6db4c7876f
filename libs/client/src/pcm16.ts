/**
 * PCM16 little-endian bytes as samples, without copying where the offset allows a view (every platform that runs
 * this is little-endian). Half a sample at the end is left out.
 */
export function samplesOf(bytes: Uint8Array): Int16Array {
  const count = Math.floor(bytes.byteLength / 2);
  if (bytes.byteOffset % 2 === 0) return new Int16Array(bytes.buffer, bytes.byteOffset, count);
  const copy = new Uint8Array(count * 2);
  copy.set(bytes.subarray(0, count * 2));
  return new Int16Array(copy.buffer);
}

/** The same memory as bytes. */
export function bytesOf(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}
