import type { ServerResponse } from 'node:http';
import { encodeBase64, type CancelTimer, type Clock } from '@parley/kernel';
import { SOCKET_IO_BINARY, SOCKET_IO_CLOSED, SOCKET_IO_JSON } from '@parley/wire';
import type { ClientTransport, ClientTransportListener } from '../live/client-transport.js';
import type { PostedItem } from './posted-items.js';

/** From the opening of the stream until someone reads it. */
export const ATTACH_DEADLINE_MS = 10_000;
/** A comment goes down this often, so that no proxy takes the response for dead. */
export const HEARTBEAT_MS = 10_000;
/**
 * A client of which no post came here for so long is gone: a response alone does not show it. Clients ping every 10 s,
 * but some of their posts may come to other gateways.
 */
export const SILENT_CLIENT_MS = 90_000;
/** How long a client may take to read its goodbye. */
export const GOODBYE_MS = 2_000;
/** What an `EventSource` waits before it asks again; the stream is gone by then, and it is told so. */
const RETRY_HINT = 'retry: 1000\n\n';
const HEARTBEAT = ':\n\n';
/** First on a stream that was opened and is read by one request. */
const OPENED_EVENT = 'opened';

interface Chunk {
  readonly text: string;
  readonly onLeft: (() => void) | undefined;
}

type Phase =
  /** Nobody reads yet. `ended`: whoever comes gets what waits, and the end. */
  | { readonly name: 'waiting'; readonly cancelDeadline: CancelTimer; readonly ended: boolean }
  | { readonly name: 'open'; readonly response: ServerResponse; readonly cancelHeartbeat: CancelTimer }
  | { readonly name: 'closing'; readonly response: ServerResponse; readonly cancelGoodbye: CancelTimer }
  | { readonly name: 'gone' };

/**
 * Server-sent events down and posts up as a client transport: JSON texts as event `m`, frames as base64 in event `a`,
 * and `closed` with `{code, reason}` before the end, because the response has no close code.
 *
 * 1. What is sent before the client reads the events waits for it, at most `ATTACH_DEADLINE_MS`.
 * 2. The events are read once: the end of that response is the end of the connection. A client that comes back opens
 *    another stream with its resume token.
 * 3. `onClosed` and then `onGone` come exactly once. A connection that ends before anybody reads is over at once, but
 *    what was said to it can still be read until the deadline.
 */
export class SseTransport implements ClientTransport {
  readonly kind = 'sse';
  readonly #clock: Clock;
  readonly #onGone: () => void;
  #phase: Phase;
  #waiting: Chunk[] = [];
  #waitingBytes = 0;
  #listener: ClientTransportListener | undefined;
  #heardAtMs: number;

  /** `onGone`: nothing of the stream is left, and its id means nothing any more. */
  constructor(clock: Clock, onGone: () => void) {
    this.#clock = clock;
    this.#onGone = onGone;
    this.#heardAtMs = clock.monotonicMs();
    const cancelDeadline = clock.after(ATTACH_DEADLINE_MS, () => this.#finish());
    this.#phase = { name: 'waiting', cancelDeadline, ended: false };
  }

  listen(listener: ClientTransportListener): void {
    this.#listener = listener;
  }

  /** What the client posted, in order; nothing is a sign of life, too. */
  receive(items: readonly PostedItem[]): void {
    this.#heardAtMs = this.#clock.monotonicMs();
    for (const item of items) {
      if ('json' in item) this.#listener?.onText(item.json);
      else this.#listener?.onBinary(item.frame);
    }
  }

  /**
   * The client reads the events from here on; `url` is told it first, where it does not know that yet. False when someone
   * did so before.
   */
  attach(response: ServerResponse, url?: string): boolean {
    if (this.#phase.name !== 'waiting') return false;
    const { cancelDeadline, ended } = this.#phase;
    cancelDeadline();
    this.#heardAtMs = this.#clock.monotonicMs();
    const cancelHeartbeat = this.#clock.every(HEARTBEAT_MS, () => this.#beat());
    this.#phase = { name: 'open', response, cancelHeartbeat };
    response.once('close', () => this.#finish());
    response.on('error', () => undefined);
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      // the connection ends with the call, so that a server that closes need not wait for its keep-alive
      connection: 'close',
    });
    response.write(RETRY_HINT);
    if (url !== undefined) response.write(`event: ${OPENED_EVENT}\ndata: ${JSON.stringify({ url })}\n\n`);
    for (const { text, onLeft } of this.#waiting.splice(0)) response.write(text, onLeft);
    this.#waitingBytes = 0;
    if (ended) this.#goodbye(response, cancelHeartbeat);
    return true;
  }

  /** `json` is one line, as `JSON.stringify` writes it. */
  sendText(json: string): void {
    this.#write(`event: ${SOCKET_IO_JSON}\ndata: ${json}\n\n`, undefined);
  }

  sendBinary(bytes: Uint8Array, onLeft: () => void): void {
    this.#write(`event: ${SOCKET_IO_BINARY}\ndata: ${encodeBase64(bytes)}\n\n`, onLeft);
  }

  bufferedBytes(): number {
    return this.#waitingBytes + (this.#phase.name === 'open' ? this.#phase.response.writableLength : 0);
  }

  /** The client's posts do not tell what it has read of the response: what is confirmed is that the network has it. */
  confirm(onConfirmed: () => void): void {
    this.#write(HEARTBEAT, onConfirmed);
  }

  close(code: number, reason: string): void {
    const phase = this.#phase;
    if (phase.name !== 'waiting' && phase.name !== 'open') return;
    if (phase.name === 'waiting' && phase.ended) return;
    this.#write(`event: ${SOCKET_IO_CLOSED}\ndata: ${JSON.stringify({ code, reason })}\n\n`, undefined);
    if (phase.name === 'open') return this.#goodbye(phase.response, phase.cancelHeartbeat);
    this.#phase = { ...phase, ended: true };
    queueMicrotask(() => this.#tellClosed());
  }

  #write(text: string, onLeft: (() => void) | undefined): void {
    const phase = this.#phase;
    if (phase.name === 'open') phase.response.write(text, onLeft);
    if (phase.name !== 'waiting' || phase.ended) return;
    this.#waiting.push({ text, onLeft });
    this.#waitingBytes += text.length;
  }

  #beat(): void {
    if (this.#phase.name !== 'open') return;
    if (this.#clock.monotonicMs() - this.#heardAtMs >= SILENT_CLIENT_MS) this.#phase.response.destroy();
    else this.#phase.response.write(HEARTBEAT);
  }

  #goodbye(response: ServerResponse, cancelHeartbeat: CancelTimer): void {
    cancelHeartbeat();
    const cancelGoodbye = this.#clock.after(GOODBYE_MS, () => response.destroy());
    this.#phase = { name: 'closing', response, cancelGoodbye };
    response.end();
  }

  /** The response is gone, or nobody ever asked for it. */
  #finish(): void {
    const phase = this.#phase;
    if (phase.name === 'gone') return;
    this.#phase = { name: 'gone' };
    if (phase.name === 'open') phase.cancelHeartbeat();
    if (phase.name === 'closing') phase.cancelGoodbye();
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#tellClosed();
    this.#onGone();
  }

  #tellClosed(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    // a client that is done has said so in a message
    listener?.onClosed('lost');
  }
}
