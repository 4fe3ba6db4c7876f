import { pcm16DurationMs } from '@parley/audio';
import type { CancelTimer, Clock } from '@parley/kernel';
import { FRAME_HEADER_BYTES, type ClientMessageInput } from '@parley/wire';
import { MIC_RATE_HZ } from './speech-chunker.js';
import type { LiveTransport } from './transport.js';

export interface OutboundLimits {
  /** Above this many unsent bytes in the socket, what follows waits here. */
  readonly highWaterBytes: number;
  readonly maxQueuedAudioMs: number;
  /** The same while there is no line at all. */
  readonly maxHeldAudioMs: number;
  readonly maxQueuedMessages: number;
}

/** One second of audio in the socket and one here: older speech is no use to a live agent, but for a short break. */
export const OUTBOUND_LIMITS: OutboundLimits = {
  highWaterBytes: 32_000,
  maxQueuedAudioMs: 1_000,
  maxHeldAudioMs: 5_000,
  maxQueuedMessages: 256,
};

type Item =
  | { readonly kind: 'message'; readonly message: ClientMessageInput }
  | { readonly kind: 'audio' | 'image'; readonly frame: Uint8Array };

const POLL_MS = 20;
/** What a server takes at once and afterwards (120 messages, and as many a second), with room for what is new. */
const CATCH_UP_BURST = 64;
const CATCH_UP_PER_POLL = 2;
const CATCH_UP_MS = 5_000;

/**
 * What the caller says, on its way into a line that may be slow, or away for a while.
 *
 * 1. Order is kept: a message never overtakes audio that was sent before it.
 * 2. While the socket holds more than `highWaterBytes`, at most `maxQueuedAudioMs` of audio waits here and the
 *    oldest is dropped for the newest; without a line it is `maxHeldAudioMs`. Of images only the newest waits. All
 *    that is dropped is counted.
 * 3. Messages are never dropped: `sendMessage` answers false when `maxQueuedMessages` wait already.
 * 4. What waited for a line goes out on the next one no faster than a server takes it.
 */
export class OutboundBuffer {
  readonly #clock: Clock;
  readonly #limits: OutboundLimits;
  #transport: LiveTransport | undefined;
  /** Until when more audio may wait, because it is being sent after a break. */
  #catchingUpUntilMs = 0;
  #queue: Item[] = [];
  #poll: CancelTimer | undefined;
  #closed = false;
  #droppedAudioMs = 0;
  #droppedImages = 0;

  constructor(clock: Clock, limits: OutboundLimits = OUTBOUND_LIMITS) {
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
    return this.#queue.length > 0 || !this.#transport || this.#isFull(this.#transport);
  }

  /**
   * Sends on this line from now on: first those of `again` that do not wait here still, then what waits. Returns how
   * many were put first.
   */
  attach(transport: LiveTransport, again: readonly ClientMessageInput[] = []): number {
    if (this.#closed || this.#transport === transport) return 0;
    this.#transport = transport;
    this.#catchingUpUntilMs = this.#clock.monotonicMs() + CATCH_UP_MS;
    const waiting = new Set(this.#queue.flatMap((item) => (item.kind === 'message' ? [item.message] : [])));
    const lost = again.filter((message) => !waiting.has(message));
    this.#queue.unshift(...lost.map((message) => ({ kind: 'message' as const, message })));
    this.#drain(CATCH_UP_BURST);
    if (this.#queue.length > 0) this.#startPolling();
    return lost.length;
  }

  /** There is no line: what is sent waits for the next one. */
  detach(): void {
    this.#transport = undefined;
    this.#stopPolling();
  }

  sendMessage(message: ClientMessageInput): boolean {
    const waiting = this.#queue.filter((item) => item.kind === 'message').length;
    if (this.#closed || waiting >= this.#limits.maxQueuedMessages) return false;
    this.#put({ kind: 'message', message });
    return true;
  }

  sendAudio(frame: Uint8Array): void {
    this.#put({ kind: 'audio', frame });
    let excessMs = this.#queuedAudioMs() - this.#maxAudioMs();
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
    const transport = this.#transport;
    if (transport && !this.congested) return write(transport, item);
    this.#queue.push(item);
    if (transport) this.#startPolling();
  }

  #drain(most: number): void {
    const transport = this.#transport;
    for (let written = 0; transport && written < most && !this.#isFull(transport); written++) {
      const item = this.#queue.shift();
      if (!item) {
        this.#catchingUpUntilMs = 0;
        return this.#stopPolling();
      }
      write(transport, item);
    }
  }

  get #catchingUp(): boolean {
    return this.#clock.monotonicMs() < this.#catchingUpUntilMs;
  }

  #maxAudioMs(): number {
    const { maxHeldAudioMs, maxQueuedAudioMs } = this.#limits;
    return !this.#transport || this.#catchingUp ? maxHeldAudioMs : maxQueuedAudioMs;
  }

  #isFull(transport: LiveTransport): boolean {
    return transport.bufferedBytes > this.#limits.highWaterBytes;
  }

  #queuedAudioMs(): number {
    return this.#queue.reduce((sum, item) => sum + audioMsOf(item), 0);
  }

  #startPolling(): void {
    this.#poll ??= this.#clock.every(POLL_MS, () =>
      this.#drain(this.#catchingUp ? CATCH_UP_PER_POLL : Number.POSITIVE_INFINITY),
    );
  }

  #stopPolling(): void {
    this.#poll?.();
    this.#poll = undefined;
  }
}

function write(transport: LiveTransport, item: Item): void {
  if (item.kind === 'message') transport.sendMessage(item.message);
  else transport.sendFrame(item.frame);
}

function audioMsOf(item: Item): number {
  return item.kind === 'audio' ? pcm16DurationMs(item.frame.byteLength - FRAME_HEADER_BYTES, MIC_RATE_HZ) : 0;
}
