import type { CancelTimer, Clock } from '@parley/kernel';
import { ClientOutletWindow } from './client-outlet-window.js';
import type { ClientTransport } from './client-transport.js';

/** What may wait for a client that does not read, control and audio together: here and on the way to it. */
export const MAX_CLIENT_BACKLOG_BYTES = 768 * 1_024;
/**
 * Audio that waits for longer would reach a slow client more than 3 s old, which is not worth hearing any more: the window
 * lets it be on the way for about 1.5 s.
 */
const MAX_AUDIO_WAIT_MS = 1_200;
/** A client that takes nothing for so long although something waits for it is to come back when it can. */
export const SILENT_CONSUMER_MS = 30_000;
/** How often a client is looked after for which audio waits, should its transport say nothing. */
const LOOK_MS = 100;
/** How often it is looked whether a client takes what is on the way. */
const WATCH_MS = 1_000;

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
  readonly transport: Pick<ClientTransport, 'sendText' | 'sendBinary' | 'bufferedBytes' | 'confirm'>;
  readonly clock: Clock;
  /** A frame of this turn was handed to the transport. */
  readonly onAudio: (turn: number) => void;
  readonly onAudioAged: (frames: number) => void;
  /** More waits than may, or for longer. */
  readonly onOverflow: () => void;
}

/**
 * What waits for one client, in the order in which it came.
 *
 * 1. Texts are never dropped. When more than 768 KiB wait `onOverflow` is called, and when the client has taken nothing
 *    for 30 s although more waits than its line may have on the way.
 * 2. Audio leaves only as the client takes it, so that little of it is ever on the way: it can not be called back there.
 *    What has waited for 1.2 s does not leave any more, and makes room for what is newer.
 * 3. `left` of each frame is called once: when it left, was dropped, or was purged.
 */
export class ClientOutlet {
  readonly #parts: ClientOutletParts;
  readonly #window: ClientOutletWindow;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #cancelLook: CancelTimer | undefined;
  #cancelWatch: CancelTimer | undefined;
  #closed = false;

  constructor(parts: ClientOutletParts) {
    this.#parts = parts;
    this.#window = new ClientOutletWindow(parts.transport, parts.clock, () => {
      if (this.#waiting.length > 0 && !this.#closed) this.#move();
    });
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
    this.#cancelWatch?.();
    for (const item of this.#waiting) if (item.kind === 'text') this.#parts.transport.sendText(item.json);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #push(item: Waiting, bytes: number): void {
    if (this.#closed) return;
    this.#waiting.push(item);
    this.#waitingBytes += bytes;
    this.#move();
    this.#cancelWatch ??= this.#parts.clock.after(WATCH_MS, () => this.#watch());
    const onTheWay = Math.max(this.#window.unconfirmedBytes, this.#parts.transport.bufferedBytes());
    if (this.#waitingBytes + onTheWay > MAX_CLIENT_BACKLOG_BYTES) this.#parts.onOverflow();
  }

  #move(): void {
    if (this.#waiting.length > 0) this.#dropAged();
    for (let item = this.#waiting[0]; item; item = this.#waiting[0]) {
      if (item.kind === 'audio' && !this.#window.isOpenFor(item.frame.byteLength)) break;
      this.#waiting.shift();
      this.#send(item);
    }
    this.#cancelLook?.();
    this.#cancelLook =
      this.#waiting.length === 0 ? undefined : this.#parts.clock.after(LOOK_MS, () => this.#move());
  }

  #send(item: Waiting): void {
    const { transport, onAudio } = this.#parts;
    const bytes = item.kind === 'text' ? item.json.length : item.frame.byteLength;
    this.#waitingBytes -= bytes;
    if (item.kind === 'text') transport.sendText(item.json);
    else transport.sendBinary(item.frame, item.left);
    this.#window.sent(bytes);
    if (item.kind === 'audio') onAudio(item.turn);
  }

  #watch(): void {
    this.#cancelWatch = undefined;
    const window = this.#window;
    if (window.unconfirmedBytes === 0 && this.#waiting.length === 0) return;
    if (window.silentMs() >= SILENT_CONSUMER_MS && window.isExceededBy(this.#waitingBytes)) {
      return this.#parts.onOverflow();
    }
    window.remind();
    this.#cancelWatch = this.#parts.clock.after(WATCH_MS, () => this.#watch());
  }

  #dropAged(): void {
    const oldestMs = this.#parts.clock.monotonicMs() - MAX_AUDIO_WAIT_MS;
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
