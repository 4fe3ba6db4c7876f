import type { ModelFrame } from './model-frame.js';

/** Numbered messages kept at most, and their bytes. */
export const MAX_MESSAGES = 512;
export const MAX_MESSAGE_BYTES = 1_048_576;
/** Audio kept of the turn that is sent, and its bytes: 10 s of PCM16 at 24 kHz. */
export const MAX_AUDIO_MS = 10_000;
export const MAX_AUDIO_BYTES = 480_000;

/** What has been sent once, in the order in which it was sent. */
export type Sent =
  | { readonly kind: 'message'; readonly seq: number; readonly bytes: Uint8Array }
  | { readonly kind: 'audio'; readonly frame: ModelFrame };

/** What the other side has had already. */
export interface Had {
  readonly seq: number;
  readonly played?: { readonly turn: number; readonly ms: number } | undefined;
}

type Kept<T> = T & { readonly order: number };

/**
 * The newest of what went down to a client, for one that comes back.
 *
 * 1. Messages are kept by number, without holes; of audio only the turn that was sent last, never one that was
 *    interrupted (I10). Both are bounded: the oldest goes.
 * 2. `since` answers in the order of sending, and says whether anything numbered is missing.
 */
export class ReplayRing {
  #messages: Kept<Sent & { kind: 'message' }>[] = [];
  #messageBytes = 0;
  #audio: Kept<Sent & { kind: 'audio' }>[] = [];
  #audioBytes = 0;
  #audioMs = 0;
  #order = 0;
  /** The highest number that is not kept (any more). */
  #forgotten: number;
  #last: number;

  /** `seq`: the number after which this side began to count. */
  constructor(seq: number) {
    this.#forgotten = seq;
    this.#last = seq;
  }

  message(seq: number, bytes: Uint8Array): void {
    this.#messages.push({ kind: 'message', seq, bytes, order: ++this.#order });
    this.#messageBytes += bytes.byteLength;
    this.#last = seq;
    while (this.#messages.length > MAX_MESSAGES || this.#messageBytes > MAX_MESSAGE_BYTES) {
      const oldest = this.#messages.shift();
      if (!oldest) break;
      this.#messageBytes -= oldest.bytes.byteLength;
      this.#forgotten = oldest.seq;
    }
  }

  audio(frame: ModelFrame): void {
    if (this.#audio[0] && this.#audio[0].frame.turn !== frame.turn) this.#forgetAudio();
    this.#audio.push({ kind: 'audio', frame, order: ++this.#order });
    this.#audioBytes += frame.bytes.byteLength;
    this.#audioMs += frame.durationMs;
    while (this.#audioMs > MAX_AUDIO_MS || this.#audioBytes > MAX_AUDIO_BYTES) {
      const oldest = this.#audio.shift();
      if (!oldest) break;
      this.#audioBytes -= oldest.frame.bytes.byteLength;
      this.#audioMs -= oldest.frame.durationMs;
    }
  }

  /** Nothing of that turn, or of one before it, is to be heard any more. */
  interrupted(throughTurn: number): void {
    if (this.#audio[0] && this.#audio[0].frame.turn <= throughTurn) this.#forgetAudio();
  }

  since(had: Had): { readonly recovered: boolean; readonly sent: readonly Sent[] } {
    const messages = this.#messages.filter(({ seq }) => seq > had.seq);
    const audio = this.#audio.filter(({ frame }) => !wasHeard(frame, had));
    return {
      recovered: had.seq >= this.#forgotten && had.seq <= this.#last,
      sent: [...messages, ...audio].sort((a, b) => a.order - b.order),
    };
  }

  #forgetAudio(): void {
    this.#audio = [];
    this.#audioBytes = 0;
    this.#audioMs = 0;
  }
}

function wasHeard({ turn, endMs }: ModelFrame, { played }: Had): boolean {
  return played !== undefined && (played.turn > turn || (played.turn === turn && endMs <= played.ms));
}
