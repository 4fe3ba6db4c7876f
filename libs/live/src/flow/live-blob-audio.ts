import { pcm16DurationMs, writeWav } from '@parley/audio';
import type { Blob } from '@parley/event';
import { LIVE_FOLDER, type LiveBlobContents, type LiveBlobTake } from './live-blob-file.js';

const MAX_BYTES = 10 * 1024 * 1024;
const MAX_DURATION_MS = 300_000;
const BLOCK_BYTES = 64 * 1024;

/** What a stream of chunks is, as far as a WAV file tells: undefined for what is no PCM16. */
export function pcmRateOf({ mimeType }: Blob, defaultRateHz: number): number | undefined {
  if (!/^audio\/(pcm|l16)\b/i.test(mimeType)) return undefined;
  const rateHz = Number(/;\s*rate=(\d+)/i.exec(mimeType)?.[1] ?? defaultRateHz);
  return rateHz > 0 && rateHz <= 192_000 ? rateHz : undefined;
}

/**
 * One side's speech on its way to a WAV file: the chunks end to end, as in ADK; pauses in which nothing was sent are
 * not in it. At most 10 MiB and 300 s.
 */
export class LiveBlobAudio implements LiveBlobTake {
  readonly firstChunkMs: number;
  readonly #kind: 'input_audio' | 'output_audio';
  readonly #defaultRateHz: number;
  readonly #rateHz: number;
  readonly #blocks: Uint8Array[] = [];
  #byteLength = 0;

  constructor(kind: 'input_audio' | 'output_audio', rateHz: number, defaultRateHz: number, nowMs: number) {
    this.#kind = kind;
    this.#rateHz = rateHz;
    this.#defaultRateHz = defaultRateHz;
    this.firstChunkMs = nowMs;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  get filename(): string {
    return `${LIVE_FOLDER}/adk_live_audio_storage_${this.#kind}_${this.firstChunkMs}.wav`;
  }

  add(blob: Blob): boolean {
    const { data } = blob;
    const byteLength = this.#byteLength + data.byteLength;
    if (pcmRateOf(blob, this.#defaultRateHz) !== this.#rateHz) return false;
    const isFull = byteLength > MAX_BYTES || pcm16DurationMs(byteLength, this.#rateHz) > MAX_DURATION_MS;
    if (isFull && this.#byteLength > 0) return false;
    this.#copy(data);
    return true;
  }

  file(): LiveBlobContents {
    const used = this.#byteLength - BLOCK_BYTES * (this.#blocks.length - 1);
    const pieces = this.#blocks.map((block, at) =>
      at === this.#blocks.length - 1 ? block.subarray(0, used) : block,
    );
    return {
      mimeType: 'audio/wav',
      data: writeWav(pieces, this.#rateHz),
      metadata: {
        type: this.#kind,
        rateHz: this.#rateHz,
        durationMs: Math.floor(pcm16DurationMs(this.#byteLength, this.#rateHz)),
      },
    };
  }

  /** Into blocks of its own: a chunk may be a small view of a big buffer. */
  #copy(data: Uint8Array): void {
    for (let from = 0; from < data.byteLength;) {
      const used = this.#byteLength % BLOCK_BYTES;
      if (used === 0) this.#blocks.push(new Uint8Array(BLOCK_BYTES));
      const piece = data.subarray(from, from + BLOCK_BYTES - used);
      this.#blocks.at(-1)?.set(piece, used);
      this.#byteLength += piece.byteLength;
      from += piece.byteLength;
    }
  }
}
