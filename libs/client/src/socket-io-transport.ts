import {
  CLOSE_NORMAL,
  SOCKET_IO_BINARY,
  SOCKET_IO_CLOSED,
  SOCKET_IO_JSON,
  type ClientMessageInput,
} from '@parley/wire';
import { parseJson, type LiveTransport, type TransportListener } from './transport.js';

/** What the transport needs of a socket of `socket.io-client`. */
export interface SocketIoLike {
  readonly connected: boolean;
  connect(): unknown;
  disconnect(): unknown;
  emit(event: string, payload: unknown): unknown;
  on(event: string, listener: (payload: unknown) => void): unknown;
  readonly io?: unknown;
}

/**
 * `live.v1` over Socket.IO. The socket is injected, so that this room needs no Socket.IO of its own:
 *
 * `dial: () => new SocketIoTransport(io(url + '/live', OPTIONS))` with the options
 * `{ transports: ['websocket'], reconnection: false, autoConnect: false, forceNew: true }`.
 *
 * One transport is one connection: Socket.IO's own reconnecting must be off, because each connection begins
 * with `hello` and a token of its own.
 *
 * Only `close(1000)` disconnects in Socket.IO's own words, which tells the server that the call is over; any other
 * close drops the connection under it.
 */
export class SocketIoTransport implements LiveTransport {
  readonly #socket: SocketIoLike;
  #end: ((reason: string, code?: number) => void) | undefined;

  constructor(socket: SocketIoLike) {
    this.#socket = socket;
  }

  get bufferedBytes(): number {
    return bufferedBytesOf(this.#socket.io);
  }

  open(listener: TransportListener): void {
    const socket = this.#socket;
    this.#end = (reason, code) => {
      this.#end = undefined;
      if (code === undefined || code === CLOSE_NORMAL) socket.disconnect();
      else drop(socket);
      listener.closed({ code, reason });
    };
    socket.on('connect', () => this.#end && listener.opened());
    socket.on('connect_error', (error) =>
      this.#end?.(error instanceof Error ? error.message : String(error)),
    );
    socket.on('disconnect', (reason) => this.#end?.(String(reason)));
    // Socket.IO has no close codes: the gateway says this before it disconnects.
    socket.on(SOCKET_IO_CLOSED, (why) => {
      const [code, reason] = [property(why, 'code'), property(why, 'reason')];
      this.#end?.(typeof reason === 'string' ? reason : '', typeof code === 'number' ? code : undefined);
    });
    socket.on(SOCKET_IO_JSON, (payload) => {
      const value = typeof payload === 'string' ? parseJson(payload) : payload;
      if (this.#end && value !== undefined) listener.message(value);
    });
    socket.on(SOCKET_IO_BINARY, (payload) => {
      const bytes = toBytes(payload);
      if (this.#end && bytes) listener.frame(bytes);
    });
    if (socket.connected) listener.opened();
    else socket.connect();
  }

  sendMessage(message: ClientMessageInput): void {
    this.#socket.emit(SOCKET_IO_JSON, message);
  }

  sendFrame(bytes: Uint8Array): void {
    this.#socket.emit(SOCKET_IO_BINARY, bytes);
  }

  close(code: number, reason: string): void {
    this.#end?.(reason, code);
  }
}

/** Ends the connection without a word; [src: engine.io-client 6.6 lib/socket.ts `close`]. */
function drop(socket: SocketIoLike): void {
  const engine = property(socket.io, 'engine');
  const close = property(engine, 'close');
  if (typeof close === 'function') Reflect.apply(close, engine, []);
  else socket.disconnect();
}

function toBytes(payload: unknown): Uint8Array | undefined {
  if (payload instanceof Uint8Array) return payload;
  return payload instanceof ArrayBuffer ? new Uint8Array(payload) : undefined;
}

/**
 * What waits in Engine.IO and in the WebSocket under it; 0 where the internals look different.
 * [src: engine.io-client 6.6 lib/socket.ts `writeBuffer`, lib/transports/websocket.ts `ws`]
 */
function bufferedBytesOf(manager: unknown): number {
  const engine = property(manager, 'engine');
  const amount = property(property(property(engine, 'transport'), 'ws'), 'bufferedAmount');
  const packets = property(engine, 'writeBuffer');
  let bytes = typeof amount === 'number' ? amount : 0;
  for (const packet of Array.isArray(packets) ? packets : []) {
    const data = property(packet, 'data');
    if (typeof data === 'string') bytes += data.length;
    else bytes += toBytes(data)?.byteLength ?? 0;
  }
  return bytes;
}

function property(owner: unknown, name: string): unknown {
  return typeof owner === 'object' && owner !== null ? (owner as Record<string, unknown>)[name] : undefined;
}
