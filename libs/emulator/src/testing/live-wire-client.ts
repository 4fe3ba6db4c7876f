import { ParleyError } from '@parley/kernel';
import { WebSocket } from 'ws';
import type { ServerMessage } from '../codec/server-message.js';

export type WireMessage = ServerMessage & Readonly<Record<string, unknown>>;

export interface WireClose {
  readonly code: number;
  readonly reason: string;
}

/** The Gemini API's service behind a scenario prefix. */
export function livePathFor(scenario: string, version = 'v1beta'): string {
  return `/s/${scenario}/ws/google.ai.generativelanguage.${version}.GenerativeService.BidiGenerateContent?key=test`;
}

/** Speaks the wire with nothing in between: raw JSON out, parsed JSON in, in order of arrival. */
export class LiveWireClient {
  readonly messages: WireMessage[] = [];
  /** Whether each message came as a binary frame, and its text as it was. */
  readonly frames: { readonly binary: boolean; readonly text: string }[] = [];
  /** When each of `frames` came, by performance.now(). */
  readonly arrivedAtMs: number[] = [];
  /** Frames that are no JSON. */
  readonly malformed: string[] = [];
  readonly closed: Promise<WireClose>;
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data, binary) => {
      const text = Buffer.isBuffer(data) ? data.toString() : '';
      this.frames.push({ binary, text });
      this.arrivedAtMs.push(performance.now());
      this.#read(text);
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: String(reason) });
        this.#wake();
      });
    });
  }

  /** `baseUrl` as the emulator gives it; rejects with the HTTP status when the upgrade is refused. */
  static connect(baseUrl: string, path = livePathFor('default')): Promise<LiveWireClient> {
    const socket = new WebSocket(baseUrl.replace(/^http/, 'ws') + path, { perMessageDeflate: false });
    const client = new LiveWireClient(socket);
    return new Promise((resolve, reject) => {
      socket.on('open', () => resolve(client));
      socket.on('error', (cause) => {
        reject(new ParleyError('provider_unavailable', cause.message, { cause }));
      });
    });
  }

  send(message: object | string): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The first message for which `wanted` holds, from index `from` on; rejects after `deadlineMs`. */
  async waitFor(
    wanted: (message: WireMessage) => boolean,
    { from = 0, deadlineMs = 10_000 } = {},
  ): Promise<WireMessage> {
    const until = performance.now() + deadlineMs;
    for (;;) {
      const found = this.messages.slice(from).find(wanted);
      if (found) return found;
      const leftMs = until - performance.now();
      if (leftMs <= 0 || this.#socket.readyState > WebSocket.OPEN) {
        throw new ParleyError('internal', 'The awaited message did not come.', {
          details: { kinds: this.messages.map((message) => Object.keys(message).join('+')).slice(-20) },
        });
      }
      await this.#next(leftMs);
    }
  }

  /** Rejects when no pong comes in time. */
  async ping(deadlineMs: number): Promise<void> {
    let ponged = false;
    this.#socket.once('pong', () => {
      ponged = true;
      this.#wake();
    });
    this.#socket.ping();
    const until = performance.now() + deadlineMs;
    while (!ponged) {
      const leftMs = until - performance.now();
      if (leftMs <= 0) throw new ParleyError('internal', 'No pong came.');
      await this.#next(leftMs);
    }
  }

  close(): void {
    this.#socket.close();
  }

  #read(text: string): void {
    try {
      this.messages.push(JSON.parse(text) as WireMessage);
    } catch {
      this.malformed.push(text);
    }
  }

  #next(deadlineMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, deadlineMs);
      this.#waiting.add(done);
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
