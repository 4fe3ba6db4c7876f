import { pcm16DurationMs } from '@parley/audio';
import type { CancelTimer, Clock } from '@parley/kernel';
import { FRAME_HEADER_BYTES, type ClientMessageInput } from '@parley/wire';
import { MIC_RATE_HZ } from './speech-chunker.js';
import type { LiveTransport } from './transport.js';

export interface OutboundLimits {
  /** Above this many unsent bytes in the socket, what follows waits here. */
  readonly highWaterBytes: number;
  readonly maxQueuedAudioMs: number;
  readonly maxQueuedMessages: number;
}

/** One second of audio in the socket and one here: older speech is no use to a live agent. */
export const OUTBOUND_LIMITS: OutboundLimits = {
  highWaterBytes: 32_000,
  maxQueuedAudioMs: 1_000,
  maxQueuedMessages: 256,
};

type Item =
  | { readonly kind: 'message'; readonly message: ClientMessageInput }
  | { readonly kind: 'audio' | 'image'; readonly frame: Uint8Array };

const POLL_MS = 20;

/**
 * What the caller says, on its way into a socket that may be slow.
 *
 * 1. Order is kept: a message never overtakes audio that was sent before it.
 * 2. While the socket holds more than `highWaterBytes`, at most `maxQueuedAudioMs` of audio waits here and the
 *    oldest is dropped for the newest; of images only the newest waits. Both are counted.
 * 3. Messages are never dropped: `sendMessage` answers false when `maxQueuedMessages` wait already.
 */
export class OutboundBuffer {
  readonly #transport: LiveTransport;
  readonly #clock: Clock;
  readonly #limits: OutboundLimits;
  #queue: Item[] = [];
  #poll: CancelTimer | undefined;
  #closed = false;
  #droppedAudioMs = 0;
  #droppedImages = 0;

  constructor(transport: LiveTransport, clock: Clock, limits: OutboundLimits = OUTBOUND_LIMITS) {
    this.#transport = transport;
    this.#clock = clock;
    this.#limits = limits;
  }

  get droppedAudioMs(): number {
    return this.#droppedAudioMs;
  }

  get droppedImages(): number {
    return this.#droppedImages;
  }

  get congested(): boolean {
    return this.#queue.length > 0 || this.#transport.bufferedBytes > this.#limits.highWaterBytes;
  }

  sendMessage(message: ClientMessageInput): boolean {
    const waiting = this.#queue.filter((item) => item.kind === 'message').length;
    if (this.#closed || waiting >= this.#limits.maxQueuedMessages) return false;
    this.#put({ kind: 'message', message });
    return true;
  }

  sendAudio(frame: Uint8Array): void {
    this.#put({ kind: 'audio', frame });
    let excessMs = this.#queuedAudioMs() - this.#limits.maxQueuedAudioMs;
    while (excessMs > 0) {
      const oldest = this.#queue.findIndex((item) => item.kind === 'audio');
      const [dropped] = this.#queue.splice(oldest, 1);
      const ms = dropped ? audioMsOf(dropped) : excessMs;
      this.#droppedAudioMs += ms;
      excessMs -= ms;
    }
  }

  sendImage(frame: Uint8Array): void {
    const before = this.#queue.length;
    this.#queue = this.#queue.filter((item) => item.kind !== 'image');
    this.#droppedImages += before - this.#queue.length;
    this.#put({ kind: 'image', frame });
  }

  close(): void {
    this.#closed = true;
    this.#queue = [];
    this.#stopPolling();
  }

  #put(item: Item): void {
    if (this.#closed) return;
    if (!this.congested) return this.#write(item);
    this.#queue.push(item);
    this.#poll ??= this.#clock.every(POLL_MS, () => this.#drain());
  }

  #drain(): void {
    while (this.#transport.bufferedBytes <= this.#limits.highWaterBytes) {
      const item = this.#queue.shift();
      if (!item) return this.#stopPolling();
      this.#write(item);
    }
  }

  #write(item: Item): void {
    if (item.kind === 'message') this.#transport.sendMessage(item.message);
    else this.#transport.sendFrame(item.frame);
  }

  #queuedAudioMs(): number {
    return this.#queue.reduce((sum, item) => sum + audioMsOf(item), 0);
  }

  #stopPolling(): void {
    this.#poll?.();
    this.#poll = undefined;
  }
}

function audioMsOf(item: Item): number {
  return item.kind === 'audio' ? pcm16DurationMs(item.frame.byteLength - FRAME_HEADER_BYTES, MIC_RATE_HZ) : 0;
}
