/** Base64 in any runtime: the standard alphabet with padding out, both alphabets in (padding optional). */
const NODE_BUFFER = (globalThis as { Buffer?: typeof Buffer }).Buffer;

export function encodeBase64(bytes: Uint8Array): string {
  if (NODE_BUFFER)
    return NODE_BUFFER.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  let binary = '';
  for (let i = 0; i < bytes.length; i += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return btoa(binary);
}

/** Undefined when `text` is not base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return undefined;
  if (NODE_BUFFER) return NODE_BUFFER.from(text, 'base64');
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, ''));
    return Uint8Array.from(binary, (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}
