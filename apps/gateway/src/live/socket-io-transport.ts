import { SOCKET_IO_BINARY, SOCKET_IO_CLOSED, SOCKET_IO_JSON } from '@parley/wire';
import type { Socket } from 'socket.io';
import type { ClientTransport, ClientTransportListener } from './client-transport.js';

/** What Socket.IO says of a client that hung up on purpose. */
const GOODBYE = 'client namespace disconnect';

/** A packet of engine.io, as its events show it. */
interface EnginePacket {
  readonly type?: string;
  readonly data?: string | Uint8Array;
}

/** What engine.io does not offer, and has: a ping when it is not time for one. [src: engine.io socket.js, sendPacket] */
interface EngineHeartbeat {
  sendPacket(type: 'ping'): void;
}

/**
 * A Socket.IO socket as a client transport: JSON texts as event `m`, frames as event `a`.
 *
 * What waits is in two places: in engine.io's buffer while the batch before is being written, then in the WebSocket.
 * Engine.io says `packetCreate` for all that enters the buffer and `flush` for a batch that leaves it; its transport says
 * `drain` when the network has taken the batch. [src: engine.io socket.js, transports/websocket.js]
 *
 * What the client has taken it says with the pongs to engine.io's pings, which go down among the messages, and which
 * clients answer in order. A pong does not say to which ping it belongs, so engine.io's own pings are counted, too.
 * [src: Engine.IO protocol v4, heartbeat; engine.io-client socket.js]
 */
export class SocketIoTransport implements ClientTransport {
  readonly kind = 'socketio';
  readonly #socket: Socket;
  /** Of the frames in engine.io's buffer, and of those in the batch that is being written. */
  #buffered: (() => void)[] = [];
  #writing: (() => void)[] = [];
  #bufferedBytes = 0;
  /** One for every ping that was not answered yet; engine.io's own ask nothing. */
  #asked: ((() => void) | undefined)[] = [];
  #asking: (() => void) | undefined;
  #writingBytes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    const { conn } = socket;
    const { transport } = conn;
    const onCreate = (packet: EnginePacket): void => {
      this.#bufferedBytes += bytesOf(packet);
      if (packet.type === 'ping') this.#asked.push(this.#asking);
    };
    const onPong = (): void => this.#asked.shift()?.();
    const onFlush = (batch: readonly EnginePacket[]): void => {
      const bytes = batch.reduce((sum, packet) => sum + bytesOf(packet), 0);
      this.#bufferedBytes -= bytes;
      this.#writingBytes += bytes;
      const frames = batch.filter(({ data }) => data !== undefined && typeof data !== 'string').length;
      this.#writing.push(...this.#buffered.splice(0, frames));
    };
    const onDrain = (): void => {
      this.#writingBytes = 0;
      for (const onLeft of this.#writing.splice(0)) onLeft();
    };
    conn.on('packetCreate', onCreate);
    conn.on('flush', onFlush);
    conn.on('heartbeat', onPong);
    transport.on('drain', onDrain);
    socket.once('disconnect', () => {
      conn.off('packetCreate', onCreate);
      conn.off('flush', onFlush);
      conn.off('heartbeat', onPong);
      transport.off('drain', onDrain);
    });
  }

  sendText(json: string): void {
    this.#socket.emit(SOCKET_IO_JSON, json);
  }

  sendBinary(bytes: Uint8Array, onLeft: () => void): void {
    this.#buffered.push(onLeft);
    this.#socket.emit(SOCKET_IO_BINARY, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  /** Of texts their characters: what is not ASCII counts for less than it is. */
  bufferedBytes(): number {
    return Math.max(0, this.#bufferedBytes) + this.#writingBytes;
  }

  confirm(onConfirmed: () => void): void {
    this.#asking = onConfirmed;
    const heartbeat = this.#socket.conn as unknown as EngineHeartbeat;
    heartbeat.sendPacket('ping');
    this.#asking = undefined;
  }

  /** Socket.IO has no close codes: the error message before says why, and `closed` repeats the code. */
  close(code: number, reason: string): void {
    this.#socket.emit(SOCKET_IO_CLOSED, { code, reason });
    this.#socket.disconnect(true);
  }

  listen(listener: ClientTransportListener): void {
    this.#socket.on(SOCKET_IO_JSON, (message: unknown) => {
      listener.onText(textOf(message));
    });
    this.#socket.on(SOCKET_IO_BINARY, (frame: unknown) => {
      listener.onBinary(frame instanceof Uint8Array ? frame : new Uint8Array());
    });
    this.#socket.on('disconnect', (reason) => listener.onClosed(reason === GOODBYE ? 'done' : 'lost'));
  }
}

function bytesOf({ data }: EnginePacket): number {
  return data?.length ?? 0;
}

/** Texts are taken as they are; objects are written out again, unless they are nested beyond writing. */
function textOf(message: unknown): string {
  if (typeof message === 'string') return message;
  try {
    return JSON.stringify(message ?? null);
  } catch {
    return '';
  }
}
