/** Makes ids such as `ses_018f…`: a prefix, an underscore, and a UUIDv7 without hyphens (so ids sort by time). */
export type IdFactory = (prefix: string) => string;

export const newId: IdFactory = (prefix) => `${prefix}_${uuidV7()}`;

function uuidV7(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let time = Date.now();
  for (let i = 5; i >= 0; i--) {
    bytes[i] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex;
}
