import { decodeBase64, systemClock, type Clock, type ErrorCode } from '@parley/kernel';
import {
  CLOSE_NORMAL,
  ERROR_TABLE,
  LIVE_PATH,
  SOCKET_IO_BINARY,
  SOCKET_IO_CLOSED,
  SOCKET_IO_JSON,
  type ClientMessageInput,
} from '@parley/wire';
import { SsePosts, type PostAnswer, type PostBody } from './sse-posts.js';
import { SseReader, type StreamEvent } from './sse-events.js';
import { parseJson, type LiveTransport, type TransportListener } from './transport.js';

/** The code of a connection that broke, as a WebSocket would give it. */
const CLOSE_BROKEN = 1006;
/** Comes first, and says where to post. */
const OPENED_EVENT = 'opened';
/** Comments come every 10 s: a stream without one for so long is dead. */
const SILENCE_MS = 25_000;
const OPEN_DEADLINE_MS = 10_000;
/** How long the end of a call may take to reach the server before the stream is let go. */
const FAREWELL_MS = 2_000;

export interface SseTransportOptions {
  /** Of the server: its HTTP address, or that of its WebSocket. */
  readonly url: string;
  readonly clock?: Clock;
  /** Default: the runtime's own. */
  readonly fetch?: typeof fetch;
}

/**
 * `live.v1` over server-sent events and posts, for networks that let no WebSocket through. It costs more: audio is
 * base64 on its way down, and each post has its headers.
 *
 * The first message, `hello`, opens the stream. The newest resume token goes with every post, so that also a gateway
 * takes it that does not hold the stream.
 */
export class SseTransport implements LiveTransport {
  readonly #base: URL;
  readonly #fetch: typeof fetch;
  readonly #clock: Clock;
  readonly #posts: SsePosts;
  readonly #abort = new AbortController();
  #listener: TransportListener | undefined;
  #stream: string | undefined;
  #saidHello = false;
  #resumeToken: string | undefined;
  #heardAtMs = 0;

  constructor(options: SseTransportOptions) {
    this.#base = httpAddress(options.url);
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.#clock = options.clock ?? systemClock;
    this.#posts = new SsePosts({
      clock: this.#clock,
      send: (post) => this.#post(post),
      onLost: () => this.#end(CLOSE_BROKEN, 'What was said can not be sent any more.'),
    });
  }

  get bufferedBytes(): number {
    return this.#posts.bufferedBytes;
  }

  open(listener: TransportListener): void {
    this.#listener = listener;
    queueMicrotask(() => this.#listener?.opened());
  }

  sendMessage(message: ClientMessageInput): void {
    if (!this.#listener) return;
    if (this.#saidHello) return this.#posts.message(message);
    this.#saidHello = true;
    // good for a while yet: what is said first must not wait for the next one
    if (message.type === 'hello') this.#resumeToken = message.resume?.token;
    void this.#open(message);
  }

  sendFrame(bytes: Uint8Array): void {
    if (this.#listener) this.#posts.frame(bytes);
  }

  /** A close that is none of the network's tells the server that the call is over. */
  close(code: number, reason: string): void {
    if (!this.#listener) return;
    const isFarewell = code === CLOSE_NORMAL && this.#stream !== undefined;
    this.#end(code, reason, isFarewell ? this.#farewell() : undefined);
  }

  /** Never rejects. */
  async #open(hello: ClientMessageInput): Promise<void> {
    const tooLate = new AbortController();
    const cancelDeadline = this.#clock.after(OPEN_DEADLINE_MS, () => tooLate.abort());
    try {
      const events = await this.#request(`${LIVE_PATH}/streams`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify(hello),
        cache: 'no-store',
        signal: AbortSignal.any([this.#abort.signal, tooLate.signal]),
      });
      cancelDeadline();
      if (!events.ok || !events.body) return await this.#refused(events);
      await this.#read(events.body);
      this.#end(CLOSE_BROKEN, 'The event stream ended.');
    } catch (thrown) {
      this.#end(CLOSE_BROKEN, thrown instanceof Error ? thrown.message : 'The server can not be reached.');
    } finally {
      cancelDeadline();
    }
  }

  async #refused(response: Response): Promise<void> {
    const { code, detail } = asRecord(await response.json().catch(() => undefined));
    const known =
      typeof code === 'string' && Object.hasOwn(ERROR_TABLE, code) ? (code as ErrorCode) : undefined;
    const reason = typeof detail === 'string' ? detail : `HTTP status ${response.status}`;
    this.#end(known === undefined ? CLOSE_BROKEN : ERROR_TABLE[known].close, reason);
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    const events = new SseReader();
    this.#heardAtMs = this.#clock.monotonicMs();
    const cancelWatch = this.#clock.every(SILENCE_MS / 5, () => {
      if (this.#clock.monotonicMs() - this.#heardAtMs > SILENCE_MS)
        this.#end(CLOSE_BROKEN, 'The event stream is silent.');
    });
    try {
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        this.#heardAtMs = this.#clock.monotonicMs();
        for (const event of events.push(decoder.decode(piece.value, { stream: true }))) this.#receive(event);
      }
    } finally {
      cancelWatch();
    }
  }

  #receive({ name, data }: StreamEvent): void {
    if (name === SOCKET_IO_BINARY) {
      const frame = decodeBase64(data);
      if (frame) this.#listener?.frame(frame);
      return;
    }
    const value = parseJson(data);
    if (name === SOCKET_IO_CLOSED) {
      const { code, reason } = asRecord(value);
      return this.#end(
        typeof code === 'number' ? code : CLOSE_BROKEN,
        typeof reason === 'string' ? reason : '',
      );
    }
    if (name === OPENED_EVENT) return this.#opened(asRecord(value)['url']);
    if (name !== SOCKET_IO_JSON || value === undefined) return;
    const { type, token } = asRecord(value);
    if (type === 'resume' && typeof token === 'string') this.#resumeToken = token;
    this.#listener?.message(value);
  }

  #opened(url: unknown): void {
    if (typeof url !== 'string') return;
    this.#stream = url;
    this.#posts.start();
  }

  async #post({ contentType, body, seq }: PostBody): Promise<PostAnswer> {
    try {
      const response = await this.#request(`${this.#stream ?? ''}/messages`, {
        method: 'POST',
        headers: { 'content-type': contentType, ...this.#postHeaders(seq) },
        body,
        signal: this.#abort.signal,
      });
      const answers: unknown = await response.json().catch(() => undefined);
      if (response.ok) {
        // a gateway that does not hold the stream answers here what it can answer
        for (const answer of Array.isArray(answers) ? answers : []) this.#listener?.message(answer);
        return 'taken';
      }
      return response.status === 429 || response.status >= 500 ? 'again' : 'gone';
    } catch {
      return 'again';
    }
  }

  #postHeaders(seq: number): Record<string, string> {
    return {
      'x-parley-seq': String(seq),
      'x-parley-settled': String(seq - 1),
      ...(this.#resumeToken === undefined ? {} : { 'x-parley-resume': this.#resumeToken }),
    };
  }

  /** Without a number, because a post of this client may be under way, which is not waited for. */
  async #farewell(): Promise<void> {
    await this.#request(`${this.#stream ?? ''}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '[{"type":"end"}]',
      keepalive: true,
      signal: this.#abort.signal,
    }).catch(() => undefined);
  }

  #request(path: string, init: RequestInit): Promise<Response> {
    return this.#fetch(new URL(path, this.#base), { credentials: 'omit', ...init });
  }

  /** `farewell`: what is waited for, not long, before the stream is let go. */
  #end(code: number, reason: string, farewell?: Promise<void>): void {
    const listener = this.#listener;
    if (!listener) return;
    this.#listener = undefined;
    this.#posts.close();
    if (farewell) {
      const cancelFarewell = this.#clock.after(FAREWELL_MS, () => this.#abort.abort());
      void farewell.then(() => {
        cancelFarewell();
        this.#abort.abort();
      });
    } else this.#abort.abort();
    listener.closed({ code, reason });
  }
}

function httpAddress(url: string): URL {
  const address = new URL(url);
  if (address.protocol === 'ws:') address.protocol = 'http:';
  if (address.protocol === 'wss:') address.protocol = 'https:';
  return address;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
