import type { ClientRequest, IncomingMessage } from 'node:http';
import type { CancelTimer, Clock } from '@parley/kernel';
import { WebSocket, type ClientOptions, type RawData } from 'ws';
import { readUpgradeRefusal, refusalOf, type UpgradeRefusal } from './upgrade-refusal.js';

/** How a socket ended. Exactly one for each socket that was dialled. */
export interface SocketEnd {
  /** 1006 when no close frame was seen. */
  readonly closeCode: number;
  /** May contain secrets. */
  readonly reason: string;
  readonly httpStatus?: number;
  readonly retryAfterMs?: number;
  readonly systemCode?: string;
}

export interface SocketSink {
  onFrame(frame: Buffer): void;
  onEnd(end: SocketEnd): void;
}

export interface ProviderSocketOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly handshakeTimeoutMs: number;
  /** `cheap`: see `zeroMask`, on private channels only; `random` keeps to the letter of RFC 6455 everywhere. */
  readonly masking: 'random' | 'cheap';
  /** Something that a sink threw; nothing else may follow from it. */
  readonly onSinkError: (error: unknown) => void;
}

const MAX_FRAME_BYTES = 16 * 1024 * 1024;
/** Frames kept for a sink that is not there yet; then the peer is not read until it is. */
const MAX_WAITING_FRAMES = 256;
const REFUSAL_BODY_WAIT_MS = 500;
const NORMAL_CLOSURE = 1000;
const ABNORMAL_CLOSURE = 1006;

/**
 * One WebSocket to the provider, from dialling to its end.
 *
 * 1. Frames go to the sink in order. Without a sink they wait; a full backlog stops reading (TCP pushes back).
 * 2. The end is told once, after the last frame, to the sink of that moment or the next one.
 * 3. No exception of a sink leaves this class, and no error of the socket is thrown.
 * 4. `terminate` and `close` are idempotent; after either, and after the end, `send` does nothing.
 * 5. After `close` no frame is delivered, and the socket is gone within the grace time.
 */
export class ProviderSocket {
  readonly #options: ProviderSocketOptions;
  #ws: WebSocket | undefined;
  #sink: SocketSink | undefined;
  #waiting: Buffer[] = [];
  #end: SocketEnd | undefined;
  #endTold = false;
  #closing = false;
  #heard = false;
  #graceUntilMs = Number.POSITIVE_INFINITY;
  #lastError: Error | undefined;
  #cancelTimer: CancelTimer | undefined;

  constructor(options: ProviderSocketOptions) {
    this.#options = options;
  }

  get bufferedBytes(): number {
    return this.#ws?.bufferedAmount ?? 0;
  }

  /** Whether anything (also a pong) has come since the last call. */
  takeHeard(): boolean {
    const heard = this.#heard;
    this.#heard = false;
    return heard;
  }

  /** `onOpen` is called when the upgrade is done; it never is when `onEnd` comes first. */
  dial(onOpen: () => void): void {
    const { headers, handshakeTimeoutMs, masking } = this.#options;
    const url = withSingleSlash(this.#options.url);
    const options: ClientOptions = {
      headers: { ...headers },
      handshakeTimeout: handshakeTimeoutMs,
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
      followRedirects: false,
      ...(masking === 'cheap' && PRIVATE_CHANNEL.test(url) ? { generateMask: zeroMask } : {}),
    };
    let ws: WebSocket;
    try {
      ws = new WebSocket(url, options);
    } catch (error) {
      this.#lastError = asError(error);
      return this.#ended(ABNORMAL_CLOSURE, '');
    }
    this.#ws = ws;
    ws.on('open', () => this.#guard(onOpen));
    ws.on('message', (data) => this.#receive(data));
    ws.on('pong', () => (this.#heard = true));
    ws.on('unexpected-response', (request, response) => this.#refused(request, response));
    ws.on('error', (error) => (this.#lastError ??= error));
    ws.on('close', (code, reason) => this.#ended(code, reason.toString()));
  }

  /** Frames and the end go to `sink` from now on; what waited comes at once. */
  attach(sink: SocketSink): void {
    this.#sink = sink;
    while (this.#sink === sink && !this.#closing) {
      const frame = this.#waiting.shift();
      if (frame === undefined) break;
      this.#guard(() => sink.onFrame(frame));
    }
    if (this.#sink === sink) {
      this.#ws?.resume();
      this.#tellEnd();
    }
  }

  detach(): void {
    this.#sink = undefined;
  }

  send(text: string): void {
    if (!this.#closing && this.#ws?.readyState === WebSocket.OPEN) this.#ws.send(text);
  }

  ping(): void {
    if (this.#ws?.readyState === WebSocket.OPEN) this.#ws.ping();
  }

  /** Says goodbye and waits at most `graceMs` for the peer to do so too; a second call may shorten that. */
  close(graceMs: number): void {
    if (this.#end !== undefined) return;
    const { clock } = this.#options;
    const untilMs = clock.monotonicMs() + graceMs;
    if (this.#closing && untilMs >= this.#graceUntilMs) return;
    const isFirst = !this.#closing;
    this.#closing = true;
    this.#waiting = [];
    const ws = this.#ws;
    if (!ws || (isFirst && ws.readyState !== WebSocket.OPEN)) return this.terminate();
    this.#graceUntilMs = untilMs;
    this.#cancelTimer?.();
    this.#cancelTimer = clock.after(graceMs, () => this.terminate());
    if (!isFirst) return;
    ws.resume();
    ws.close(NORMAL_CLOSURE);
  }

  terminate(): void {
    this.#ws?.terminate();
  }

  #receive(data: RawData): void {
    this.#heard = true;
    if (this.#closing) return;
    const frame = asBuffer(data);
    const sink = this.#sink;
    if (sink) return this.#guard(() => sink.onFrame(frame));
    this.#waiting.push(frame);
    if (this.#waiting.length >= MAX_WAITING_FRAMES) this.#ws?.pause();
  }

  #refused(request: ClientRequest, response: IncomingMessage): void {
    const finish = (refusal: UpgradeRefusal): void => {
      this.#settle({ closeCode: ABNORMAL_CLOSURE, ...refusal });
      request.destroy();
      this.terminate();
    };
    this.#cancelTimer = this.#options.clock.after(REFUSAL_BODY_WAIT_MS, () => finish(refusalOf(response)));
    readUpgradeRefusal(response, finish);
  }

  #ended(closeCode: number, closeReason: string): void {
    const error = this.#lastError;
    const systemCode = error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
    const reason = closeReason || error?.message || systemCode || '';
    this.#settle({ closeCode, reason, ...(systemCode === undefined ? {} : { systemCode }) });
  }

  #settle(end: SocketEnd): void {
    this.#cancelTimer?.();
    this.#end ??= end;
    this.#tellEnd();
  }

  #tellEnd(): void {
    const [sink, end] = [this.#sink, this.#end];
    if (!sink || !end || this.#endTold) return;
    this.#endTold = true;
    this.#guard(() => sink.onEnd(end));
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#options.onSinkError(error);
    }
  }
}

/** The SDK joins base address and path with two slashes, which some routers take for another path. */
function withSingleSlash(url: string): string {
  return url.replace(/^(wss?:\/\/[^/]+)\/{2,}/, '$1/');
}

/** Inside TLS, or within the machine. */
const PRIVATE_CHANNEL = /^(wss:|ws:\/\/(localhost|127[\d.]+|\[::1\])([:/]|$))/;

/**
 * A key that leaves the payload as it is. Masking costs more than all the rest of sending (13 of 19 µs for 3,200
 * bytes of PCM). RFC 6455 wants an unpredictable key so that proxies which read plain bytes can't be fooled with
 * them (§10.3); on a private channel there are none. To the receiver it is a key like any other.
 */
function zeroMask(key: Buffer): void {
  key.fill(0);
}

function asBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
