import { SUBPROTOCOL } from '@parley/wire';
import { WebSocket } from 'ws';
import { until } from './until.js';

interface Message {
  readonly type?: string;
  readonly error?: { readonly code?: string; readonly fatal?: boolean; readonly ref?: string };
}

/** A bare WebSocket on `/v1/live`, for saying what the SDK would never say. */
export class RawSocket {
  readonly messages: Message[] = [];
  closed: { code: number; reason: string } | undefined;
  readonly #socket: WebSocket;

  static async open(url: string): Promise<RawSocket> {
    const raw = new RawSocket(new WebSocket(url, [SUBPROTOCOL]));
    await until('the socket is open', () => raw.#socket.readyState === WebSocket.OPEN);
    return raw;
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) this.messages.push(JSON.parse(data.toString()) as Message);
    });
    socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }));
    socket.on('error', () => undefined);
  }

  send(data: string | Uint8Array): void {
    this.#socket.send(data);
  }

  say(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  async hello(token: string): Promise<void> {
    this.say({ type: 'hello', token });
    await until('ready', () => this.messages.some((message) => message.type === 'ready'));
  }

  /** The code of the first error after `from` messages. */
  async nextError(from: number): Promise<string | undefined> {
    const found = (): Message | undefined =>
      this.messages.slice(from).find((message) => message.type === 'error');
    await until('an error', () => found() !== undefined);
    return found()?.error?.code;
  }

  close(): void {
    this.#socket.close();
  }
}
