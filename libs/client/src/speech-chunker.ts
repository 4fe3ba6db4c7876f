import { pcm16ByteLength, pcm16DurationMs } from '@parley/audio';
import { encodeFrame, FRAME_CODEC, FRAME_KIND } from '@parley/wire';

export const MIC_RATE_HZ = 16_000;
export const MIN_FRAME_MS = 20;
export const MAX_FRAME_MS = 100;

/**
 * Cuts microphone audio of any block size into frames of `frameMs`. PCM16 mono 16 kHz little-endian.
 *
 * 1. Every byte goes out once, in order; `seq` counts frames and `tsMs` the position in the stream, from 0.
 * 2. At most `frameMs` of audio (and half a sample) waits here.
 */
export class SpeechChunker {
  readonly #frameBytes: number;
  #rest = new Uint8Array(0);
  #seq = 0;
  #sentBytes = 0;

  constructor(frameMs: number) {
    this.#frameBytes = pcm16ByteLength(Math.min(MAX_FRAME_MS, Math.max(MIN_FRAME_MS, frameMs)), MIC_RATE_HZ);
  }

  /** The whole frames that are now complete, encoded. */
  push(pcm: Uint8Array): Uint8Array[] {
    const all = new Uint8Array(this.#rest.byteLength + pcm.byteLength);
    all.set(this.#rest);
    all.set(pcm, this.#rest.byteLength);
    const frames: Uint8Array[] = [];
    let at = 0;
    for (; all.byteLength - at >= this.#frameBytes; at += this.#frameBytes) {
      frames.push(this.#frame(all.subarray(at, at + this.#frameBytes)));
    }
    this.#rest = all.slice(at);
    return frames;
  }

  /** What is left as one short frame; undefined when there is no whole sample. */
  flush(): Uint8Array | undefined {
    const whole = this.#rest.subarray(0, this.#rest.byteLength - (this.#rest.byteLength % 2));
    this.#rest = new Uint8Array(0);
    return whole.byteLength === 0 ? undefined : this.#frame(whole);
  }

  #frame(payload: Uint8Array): Uint8Array {
    const frame = encodeFrame({
      kind: FRAME_KIND.mic,
      codec: FRAME_CODEC.pcm16at16k,
      flags: 0,
      turn: 0,
      seq: this.#seq,
      tsMs: Math.floor(pcm16DurationMs(this.#sentBytes, MIC_RATE_HZ)),
      payload,
    });
    this.#seq += 1;
    this.#sentBytes += payload.byteLength;
    return frame;
  }
}
