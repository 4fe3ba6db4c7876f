import { LINK_HEADER_BYTES, readLinkHeader, type LinkFrameHeader } from './link-frame.js';

/** Both arguments are valid during the call only: the header is reused, the payload may be overwritten. */
export type FrameSink = (header: Readonly<LinkFrameHeader>, payload: Uint8Array) => void;

/** An assembly buffer larger than this is given back after the frame that needed it. */
const KEPT_ASSEMBLY_BYTES = 32 * 1024;

/**
 * Cuts a byte stream into link frames.
 *
 * 1. A frame that lies within one chunk is handed on as a view of that chunk; only a frame that spans chunks
 *    is copied, each of its bytes once.
 * 2. However the stream is chunked, the frames are the same.
 * 3. A header that can't be one, or a length beyond the limit, ends parsing for good: `push` answers false then
 *    and from then on. Nothing is allocated for a length that is over the limit.
 * 4. `stop` may be called from within the sink; no frame follows it.
 */
export class FrameParser {
  /** May be changed between frames, from within the sink too. */
  maxPayloadBytes: number;
  readonly #sink: FrameSink;
  readonly #header: LinkFrameHeader = { type: 1, chan: 0, epochLo: 0, turn: 0, seq: 0, length: 0 };
  #assembly = new Uint8Array(0);
  /** Bytes of the unfinished frame that are in `#assembly`; 0 when no frame is unfinished. */
  #assembled = 0;
  #stopped = false;

  constructor(sink: FrameSink, maxPayloadBytes: number) {
    this.#sink = sink;
    this.maxPayloadBytes = maxPayloadBytes;
  }

  push(chunk: Uint8Array): boolean {
    let at = this.#assembled === 0 ? 0 : this.#assemble(chunk, 0);
    while (!this.#stopped && chunk.length - at >= LINK_HEADER_BYTES) {
      if (!this.#readHeader(chunk, at)) return false;
      const payloadAt = at + LINK_HEADER_BYTES;
      const end = payloadAt + this.#header.length;
      if (end > chunk.length) break;
      this.#sink(this.#header, chunk.subarray(payloadAt, end));
      at = end;
    }
    if (!this.#stopped && at < chunk.length) this.#assemble(chunk, at);
    return !this.#stopped;
  }

  stop(): void {
    this.#stopped = true;
    this.#assembly = new Uint8Array(0);
  }

  /** Adds to the unfinished frame what `chunk` has of it from `at` on; answers where the next frame starts. */
  #assemble(chunk: Uint8Array, at: number): number {
    at = this.#copy(chunk, at, LINK_HEADER_BYTES);
    if (this.#assembled < LINK_HEADER_BYTES) return at;
    if (!this.#readHeader(this.#assembly, 0)) return at;
    const frameBytes = LINK_HEADER_BYTES + this.#header.length;
    at = this.#copy(chunk, at, frameBytes);
    if (this.#assembled < frameBytes) return at;
    this.#assembled = 0;
    const assembly = this.#assembly;
    if (assembly.length > KEPT_ASSEMBLY_BYTES) this.#assembly = new Uint8Array(0);
    this.#sink(this.#header, assembly.subarray(LINK_HEADER_BYTES, frameBytes));
    return at;
  }

  /** Fills the assembly up to `target` bytes of the frame from `chunk`. */
  #copy(chunk: Uint8Array, at: number, target: number): number {
    const count = Math.min(target - this.#assembled, chunk.length - at);
    if (count <= 0) return at;
    if (this.#assembly.length < target) {
      const larger = new Uint8Array(target);
      larger.set(this.#assembly.subarray(0, this.#assembled));
      this.#assembly = larger;
    }
    this.#assembly.set(chunk.subarray(at, at + count), this.#assembled);
    this.#assembled += count;
    return at + count;
  }

  #readHeader(bytes: Uint8Array, at: number): boolean {
    if (readLinkHeader(bytes, at, this.#header) && this.#header.length <= this.maxPayloadBytes) return true;
    this.stop();
    return false;
  }
}
