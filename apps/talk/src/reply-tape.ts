import { pcm16DurationMs, pcm16ByteLength } from '@parley/audio';
import type { AudioChunk } from '@parley/client';
import type { Clock } from '@parley/kernel';

export const REPLY_RATE_HZ = 24_000;
/** 29 MB; what comes after is not kept. */
const MAX_TAPE_MS = 600_000;

interface Piece {
  readonly turn: number;
  readonly startsMs: number;
  pcm: Uint8Array;
}

/**
 * The agent's speech as a listener would have heard it: pieces are played one after the other as they come, and
 * what an interruption silenced is cut off. The pauses between are not on the tape. PCM16 mono 24 kHz.
 */
export class ReplyTape {
  readonly #clock: Clock;
  #pieces: Piece[] = [];
  /** When the last piece will have been played. */
  #playedOutMs = 0;
  #durationMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(chunk: AudioChunk): void {
    const durationMs = pcm16DurationMs(chunk.pcm.byteLength, REPLY_RATE_HZ);
    if (durationMs === 0 || this.#durationMs + durationMs > MAX_TAPE_MS) return;
    const startsMs = Math.max(this.#clock.monotonicMs(), this.#playedOutMs);
    this.#pieces.push({ turn: chunk.turn, startsMs, pcm: chunk.pcm });
    this.#playedOutMs = startsMs + durationMs;
    this.#durationMs += durationMs;
  }

  cut(turn: number): void {
    const now = this.#clock.monotonicMs();
    for (const piece of this.#pieces) {
      if (piece.turn > turn) continue;
      const heardMs = Math.max(0, now - piece.startsMs);
      piece.pcm = piece.pcm.subarray(0, pcm16ByteLength(heardMs, REPLY_RATE_HZ));
    }
    this.#pieces = this.#pieces.filter((piece) => piece.pcm.byteLength > 0);
    this.#durationMs = this.#pieces.reduce((sum, piece) => sum + lengthMs(piece), 0);
    this.#playedOutMs = this.#pieces.reduce(
      (end, piece) => Math.max(end, piece.startsMs + lengthMs(piece)),
      0,
    );
  }

  /** The turn that is being heard and how much of it was; undefined before there is any. */
  get heard(): { readonly turn: number; readonly ms: number } | undefined {
    const now = this.#clock.monotonicMs();
    const turn = this.#pieces.findLast((piece) => piece.startsMs <= now)?.turn;
    if (turn === undefined) return undefined;
    const ms = this.#pieces
      .filter((piece) => piece.turn === turn)
      .reduce((sum, piece) => sum + Math.min(lengthMs(piece), Math.max(0, now - piece.startsMs)), 0);
    return { turn, ms: Math.round(ms) };
  }

  get durationMs(): number {
    return this.#durationMs;
  }

  pcm16(): Uint8Array {
    const tape = new Uint8Array(this.#pieces.reduce((sum, piece) => sum + piece.pcm.byteLength, 0));
    let at = 0;
    for (const { pcm } of this.#pieces) {
      tape.set(pcm, at);
      at += pcm.byteLength;
    }
    return tape;
  }
}

function lengthMs(piece: Piece): number {
  return pcm16DurationMs(piece.pcm.byteLength, REPLY_RATE_HZ);
}
