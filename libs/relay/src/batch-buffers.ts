/** What one write gathers before it goes out. */
export const BATCH_BYTES = 64 * 1024;
/** Payloads up to this are copied into the batch; measured, that is cheaper than one more segment to write. */
export const COPIED_PAYLOAD_BYTES = 16 * 1024;

const BUFFER_BYTES = BATCH_BYTES + COPIED_PAYLOAD_BYTES + 1024;
const KEPT_BUFFERS = 8;

/**
 * Spare buffers that batches are gathered in, shared by the links of one client or server. A link needs one
 * only while it writes, so a thousand idle links hold none.
 */
export class BatchBuffers {
  readonly #spare: Uint8Array[] = [];

  take(): Uint8Array {
    return this.#spare.pop() ?? new Uint8Array(BUFFER_BYTES);
  }

  give(buffer: Uint8Array): void {
    if (this.#spare.length < KEPT_BUFFERS) this.#spare.push(buffer);
  }
}
