import { crc32 as platformCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32, storedZip } from './live-blob-zip.js';
import { unzip } from '../testing/unzip.js';

const AT = Date.UTC(2026, 4, 17, 13, 37, 58);
const entry = (
  name: string,
  bytes: Uint8Array,
  modifiedMs = AT,
): Parameters<typeof storedZip>[0][number] => ({
  name,
  bytes,
  crc32: crc32(bytes),
  modifiedMs,
});

describe('storedZip', () => {
  it('is read back as what was put in, name by name and byte by byte', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), (files) => {
        const zip = storedZip(files.map((bytes, n) => entry(`frame_${n}.jpg`, bytes)));
        expect(unzip(zip)).toEqual(
          files.map((bytes, n) => ({ name: `frame_${n}.jpg`, bytes: new Uint8Array(bytes), modifiedMs: AT })),
        );
      }),
    );
  });

  it('gives files from before 1980 the first date there is', () => {
    expect(unzip(storedZip([entry('old', new Uint8Array(1), 0)]))[0]?.modifiedMs).toBe(Date.UTC(1980, 0, 1));
  });
});

describe('crc32', () => {
  it('is the one that everybody uses', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => crc32(bytes) === platformCrc32(bytes)),
    );
  });
});
