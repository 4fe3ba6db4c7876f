/** One file of an archive. */
export interface ZipEntry {
  /** ASCII. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** `crc32(bytes)`; asked for so that it can be had when the bytes come, not all at once at the end. */
  readonly crc32: number;
  /** Milliseconds since the epoch; kept as UTC, in steps of 2 s. */
  readonly modifiedMs: number;
}

const LOCAL_HEADER_BYTES = 30;
const CENTRAL_HEADER_BYTES = 46;
const END_BYTES = 22;
const VERSION = 20;

/** A ZIP archive without compression (method 0): pictures are compressed already. [src: PKWARE APPNOTE 4.3] */
export function storedZip(entries: readonly ZipEntry[]): Uint8Array<ArrayBuffer> {
  const perEntry = LOCAL_HEADER_BYTES + CENTRAL_HEADER_BYTES;
  const size = entries.reduce(
    (sum, { name, bytes }) => sum + perEntry + 2 * name.length + bytes.length,
    END_BYTES,
  );
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  const offsets: number[] = [];
  let at = 0;
  for (const entry of entries) {
    offsets.push(at);
    view.setUint32(at, 0x04034b50, true);
    at = writeCommon(view, at + 4, entry);
    view.setUint16(at, 0, true); // length of the extra field
    at = writeName(file, at + 2, entry.name);
    file.set(entry.bytes, at);
    at += entry.bytes.length;
  }
  const directoryAt = at;
  for (const [index, entry] of entries.entries()) {
    view.setUint32(at, 0x02014b50, true);
    view.setUint16(at + 4, VERSION, true); // made by
    const rest = writeCommon(view, at + 6, entry);
    view.setUint32(rest + 10, 0, true); // attributes; extra field, comment, disk stay 0 before it
    view.setUint32(rest + 12, offsets[index] ?? 0, true);
    at = writeName(file, rest + 16, entry.name);
  }
  view.setUint32(at, 0x06054b50, true);
  view.setUint16(at + 8, entries.length, true);
  view.setUint16(at + 10, entries.length, true);
  view.setUint32(at + 12, at - directoryAt, true);
  view.setUint32(at + 16, directoryAt, true);
  return file;
}

/** What both headers of an entry have, from the version to the length of the name; answers where that ends. */
function writeCommon(view: DataView, at: number, { name, bytes, crc32: crc, modifiedMs }: ZipEntry): number {
  const { date, time } = dosTime(modifiedMs);
  view.setUint16(at, VERSION, true); // needed
  view.setUint16(at + 2, 0, true); // flags
  view.setUint16(at + 4, 0, true); // method: stored
  view.setUint16(at + 6, time, true);
  view.setUint16(at + 8, date, true);
  view.setUint32(at + 10, crc, true);
  view.setUint32(at + 14, bytes.length, true); // compressed
  view.setUint32(at + 18, bytes.length, true);
  view.setUint16(at + 22, name.length, true);
  return at + 24;
}

function writeName(file: Uint8Array, at: number, name: string): number {
  for (let i = 0; i < name.length; i++) file[at + i] = name.charCodeAt(i);
  return at + name.length;
}

function dosTime(ms: number): { readonly date: number; readonly time: number } {
  const at = new Date(Math.max(ms, Date.UTC(1980, 0, 1)));
  return {
    date: ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
    time: (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1),
  };
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  // by index: walking a typed array by its iterator takes several times as long
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
  return ~crc >>> 0;
}
