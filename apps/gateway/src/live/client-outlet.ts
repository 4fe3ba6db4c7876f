import type { CancelTimer, Clock } from '@parley/kernel';
import type { ClientTransport } from './client-transport.js';

/** What may wait for a client that does not read, control and audio together: here and in its transport. */
export const MAX_CLIENT_BACKLOG_BYTES = 768 * 1_024;
/** Audio that could not leave for so long is not worth hearing any more. */
export const MAX_AUDIO_AGE_MS = 3_000;
/** The transport gets no audio beyond this: what it has can not be called back. */
const TRANSPORT_BYTES = 32 * 1_024;
/** How often a client that reads slowly is looked after, should its transport say nothing. */
const LOOK_MS = 100;

type Waiting =
  | { readonly kind: 'text'; readonly json: string }
  | {
      readonly kind: 'audio';
      readonly frame: Uint8Array;
      readonly turn: number;
      readonly atMs: number;
      readonly left: () => void;
    };

export interface ClientOutletParts {
  readonly transport: Pick<ClientTransport, 'sendText' | 'sendBinary' | 'bufferedBytes'>;
  readonly clock: Clock;
  /** A frame of this turn was handed to the transport. */
  readonly onAudio: (turn: number) => void;
  readonly onAudioAged: (frames: number) => void;
  /** More waits than may. */
  readonly onOverflow: () => void;
}

/**
 * What waits for one client, in the order in which it came.
 *
 * 1. Texts are never dropped; when more than 768 KiB wait `onOverflow` is called.
 * 2. Audio that came more than 3 s ago does not leave any more, and makes room for what is newer.
 * 3. `left` of each frame is called once: when it left, was dropped, or was purged.
 */
export class ClientOutlet {
  readonly #parts: ClientOutletParts;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #cancelLook: CancelTimer | undefined;
  #closed = false;

  constructor(parts: ClientOutletParts) {
    this.#parts = parts;
  }

  text(json: string): void {
    this.#push({ kind: 'text', json }, json.length);
  }

  /** `frame` belongs to the outlet from here on. */
  audio(frame: Uint8Array, turn: number, left: () => void): void {
    const atMs = this.#parts.clock.monotonicMs();
    this.#push({ kind: 'audio', frame, turn, atMs, left }, frame.byteLength);
  }

  /** Drops the audio of turns up to and with `throughTurn` that has not left. */
  purge(throughTurn: number): void {
    this.#drop((item) => item.kind === 'audio' && item.turn <= throughTurn);
  }

  /** Gives the transport the texts that wait, and nothing more ever. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#cancelLook?.();
    for (const item of this.#waiting) if (item.kind === 'text') this.#parts.transport.sendText(item.json);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #push(item: Waiting, bytes: number): void {
    if (this.#closed) return;
    this.#waiting.push(item);
    this.#waitingBytes += bytes;
    this.#move();
    if (this.#waitingBytes + this.#parts.transport.bufferedBytes() <= MAX_CLIENT_BACKLOG_BYTES) return;
    this.#parts.onOverflow();
  }

  #move(): void {
    if (this.#waiting.length > 0) this.#dropAged();
    while (this.#waiting.length > 0 && this.#parts.transport.bufferedBytes() < TRANSPORT_BYTES) {
      const item = this.#waiting.shift();
      if (item) this.#send(item);
    }
    this.#cancelLook?.();
    this.#cancelLook =
      this.#waiting.length === 0 ? undefined : this.#parts.clock.after(LOOK_MS, () => this.#move());
  }

  #send(item: Waiting): void {
    const { transport, onAudio } = this.#parts;
    if (item.kind === 'text') {
      this.#waitingBytes -= item.json.length;
      transport.sendText(item.json);
      return;
    }
    this.#waitingBytes -= item.frame.byteLength;
    transport.sendBinary(item.frame, () => {
      item.left();
      if (this.#waiting.length > 0 && !this.#closed) this.#move();
    });
    onAudio(item.turn);
  }

  #dropAged(): void {
    const oldestMs = this.#parts.clock.monotonicMs() - MAX_AUDIO_AGE_MS;
    const frames = this.#drop((item) => item.kind === 'audio' && item.atMs < oldestMs);
    if (frames > 0) this.#parts.onAudioAged(frames);
  }

  #drop(unwanted: (item: Waiting) => boolean): number {
    const dropped = this.#waiting.filter(unwanted);
    if (dropped.length === 0) return 0;
    this.#waiting = this.#waiting.filter((item) => !unwanted(item));
    for (const item of dropped) {
      if (item.kind !== 'audio') continue;
      this.#waitingBytes -= item.frame.byteLength;
      item.left();
    }
    return dropped.length;
  }
}
