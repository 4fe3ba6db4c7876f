/**
 * Words hidden in the lowest bit of PCM16 samples, so that a test can speak to the emulator without speech
 * recognition, and can read which words of its answer reached a client. It survives any cutting and joining of
 * the stream at sample boundaries, and no resampling or lossy codec.
 *
 * A record, one bit a sample, most significant bit first:
 * magic u32 | durationMs u16 | textBytes u8 | UTF-8 text | CRC-32 u32 over all after the magic.
 * `durationMs` says how long the speech of these words lasts, counted from the record's first sample.
 */
export interface WatermarkWords {
  readonly text: string;
  readonly durationMs: number;
}

const MAGIC = 0x9e37_5ac3;
const HEADER_BYTES = 3;
const MAX_TEXT_BYTES = 255;

/** How many samples the record of `text` takes. */
export function watermarkSamples(text: string): number {
  return 8 * (4 + HEADER_BYTES + Buffer.byteLength(text) + 4);
}

/** Writes one record into `samples`, from `offset` on; false when it does not fit. */
export function writeWatermark(samples: Int16Array, offset: number, words: WatermarkWords): boolean {
  const text = Buffer.from(words.text, 'utf8');
  const needed = watermarkSamples(words.text);
  if (text.length > MAX_TEXT_BYTES || offset + needed > samples.length) return false;
  const record = Buffer.alloc(needed / 8);
  record.writeUInt32BE(MAGIC, 0);
  record.writeUInt16BE(Math.min(0xffff, Math.round(words.durationMs)), 4);
  record.writeUInt8(text.length, 6);
  text.copy(record, 7);
  record.writeUInt32BE(crc32(record.subarray(4, record.length - 4)), record.length - 4);
  for (let bit = 0; bit < needed; bit++) {
    const one = ((record[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;
    samples[offset + bit] = ((samples[offset + bit] ?? 0) & ~1) | one;
  }
  return true;
}

/**
 * Finds records in a stream of samples given in pieces of any size. A record that is damaged or cut off is
 * passed over without a trace.
 */
export class WatermarkReader {
  #window = 0;
  #record: { readonly bytes: number[]; bits: number; partial: number } | undefined;

  /** Words whose record ended within these samples. */
  accept(samples: Int16Array): WatermarkWords[] {
    const found: WatermarkWords[] = [];
    for (const sample of samples) {
      const bit = sample & 1;
      this.#window = ((this.#window << 1) | bit) >>> 0;
      const record = this.#record;
      if (record) {
        record.partial = (record.partial << 1) | bit;
        record.bits += 1;
        if (record.bits % 8 === 0) {
          record.bytes.push(record.partial & 0xff);
          record.partial = 0;
          const words = this.#finish(record.bytes);
          if (words) found.push(words);
        }
      }
      // A magic inside a record begins anew: the first one was chance or has been cut.
      if (this.#window === MAGIC) this.#record = { bytes: [], bits: 0, partial: 0 };
    }
    return found;
  }

  #finish(bytes: readonly number[]): WatermarkWords | undefined {
    const length = bytes[2];
    if (length === undefined || bytes.length < HEADER_BYTES + length + 4) return undefined;
    this.#record = undefined;
    const record = Buffer.from(bytes);
    const body = record.subarray(0, HEADER_BYTES + length);
    if (crc32(body) !== record.readUInt32BE(body.length)) return undefined;
    return { text: body.toString('utf8', HEADER_BYTES), durationMs: body.readUInt16BE(0) };
  }
}

/** All words in one buffer of PCM16, joined by spaces. */
export function readWatermark(pcm: Uint8Array): string {
  return new WatermarkReader()
    .accept(samplesOf(pcm))
    .map((words) => words.text)
    .join(' ');
}

/** The little-endian PCM16 in `pcm` as samples; copies only when the bytes are not aligned. */
export function samplesOf(pcm: Uint8Array): Int16Array {
  const count = pcm.byteLength >> 1;
  if (pcm.byteOffset % 2 === 0) return new Int16Array(pcm.buffer, pcm.byteOffset, count);
  return new Int16Array(pcm.slice(0, count * 2).buffer);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb8_8320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffff_ffff) >>> 0;
}
