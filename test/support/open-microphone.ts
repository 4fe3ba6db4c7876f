const CHUNK_MS = 100;
const CHUNK_BYTES = CHUNK_MS * 32;

/** A microphone that is never off, PCM16 at 16 kHz in real time: what it was told to say, and silence otherwise. */
export class OpenMicrophone {
  readonly #send: (chunk: Uint8Array) => void;
  readonly #timer: NodeJS.Timeout;
  #speech: Uint8Array = new Uint8Array();
  #sent = 0;
  readonly #startedMs = performance.now();

  constructor(send: (chunk: Uint8Array) => void) {
    this.#send = send;
    this.#timer = setInterval(() => this.#catchUp(), CHUNK_MS / 2);
  }

  /** Speaks `pcm` after what is being said. */
  say(pcm: Uint8Array): void {
    this.#speech = Buffer.concat([this.#speech, pcm]);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #catchUp(): void {
    const due = Math.floor((performance.now() - this.#startedMs) / CHUNK_MS);
    for (; this.#sent < due; this.#sent++) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      chunk.set(this.#speech.subarray(0, CHUNK_BYTES));
      this.#speech = this.#speech.subarray(CHUNK_BYTES);
      this.#send(chunk);
    }
  }
}
