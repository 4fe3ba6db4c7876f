/** The yardstick's link: `len u32 | id u32`, then the bytes. */
const HEADER_BYTES = 8;

export function writeBareFrame(into: { write(bytes: Uint8Array): unknown }, id: number, bytes: Buffer): void {
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32BE(bytes.byteLength, 0);
  header.writeUInt32BE(id, 4);
  into.write(header);
  into.write(bytes);
}

/** Cuts a byte stream into frames. */
export class BareFrameReader {
  #rest: Buffer = Buffer.alloc(0);

  read(chunk: Buffer, onFrame: (id: number, bytes: Buffer) => void): void {
    let data = this.#rest.byteLength === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (data.byteLength >= HEADER_BYTES) {
      const end = HEADER_BYTES + data.readUInt32BE(0);
      if (data.byteLength < end) break;
      onFrame(data.readUInt32BE(4), data.subarray(HEADER_BYTES, end));
      data = data.subarray(end);
    }
    this.#rest = data;
  }
}
