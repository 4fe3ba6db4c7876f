import { crc32 } from 'node:zlib';

export interface UnzippedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly modifiedMs: number;
}

/** Reads an archive of stored files as other programs do, from its end; throws where its parts contradict each other. */
export function unzip(zip: Uint8Array): readonly UnzippedFile[] {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = zip.byteLength - 22;
  must(view.getUint32(end, true) === 0x06054b50, 'end of the central directory');
  const count = view.getUint16(end + 10, true);
  must(view.getUint16(end + 8, true) === count, 'one disk');
  let at = view.getUint32(end + 16, true);
  must(at + view.getUint32(end + 12, true) === end, 'size of the central directory');
  const files: UnzippedFile[] = [];
  for (let n = 0; n < count; n++) {
    must(view.getUint32(at, true) === 0x02014b50, 'central header');
    const nameLength = view.getUint16(at + 28, true);
    const name = textAt(zip, at + 46, nameLength);
    const size = view.getUint32(at + 24, true);
    must(view.getUint16(at + 10, true) === 0 && view.getUint32(at + 20, true) === size, 'stored');
    const local = view.getUint32(at + 42, true);
    must(view.getUint32(local, true) === 0x04034b50, 'local header');
    for (let i = 0; i < 24; i++) must(zip[at + 6 + i] === zip[local + 4 + i], 'headers that agree');
    must(textAt(zip, local + 30, nameLength) === name, 'names that agree');
    const from = local + 30 + nameLength + view.getUint16(local + 28, true);
    const bytes = zip.slice(from, from + size);
    must(crc32(bytes) === view.getUint32(at + 16, true), 'checksum');
    files.push({
      name,
      bytes,
      modifiedMs: msOf(view.getUint16(at + 14, true), view.getUint16(at + 12, true)),
    });
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  must(at === end, 'nothing behind the central directory');
  return files;
}

function textAt(zip: Uint8Array, at: number, length: number): string {
  return new TextDecoder().decode(zip.subarray(at, at + length));
}

function msOf(date: number, time: number): number {
  const day = [1980 + (date >> 9), ((date >> 5) & 15) - 1, date & 31] as const;
  return Date.UTC(...day, time >> 11, (time >> 5) & 63, (time & 31) * 2);
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not an archive: ${what}`);
}
