import type { Socket } from 'node:net';
import { pcm16DurationMs } from '@parley/audio';
import {
  WebSocketTransport,
  type LiveTransport,
  type TransportEnd,
  type TransportListener,
} from '@parley/client';
import { decodeFrame, FRAME_KIND, SUBPROTOCOL, type ClientMessageInput } from '@parley/wire';
import { WebSocket } from 'ws';
import type { Observation } from './history.js';

const PONG_EVERY_MS = 5_000;
const SLOW_STEPS_PER_S = 10;
const MODEL_RATE_HZ = 24_000;

/**
 * A client's line whose every message is noted before the client's library sees it, and that can be made bad: cut,
 * or taken without being read.
 */
export class TappedLine implements LiveTransport {
  readonly #inner: WebSocketTransport;
  readonly #url: string;
  readonly #note: (observation: Observation) => void;
  #listener: TransportListener | undefined;
  #socket: WebSocket | undefined;
  #stream: Socket | undefined;
  #stopPongs: (() => void) | undefined;
  #stopSlowness: (() => void) | undefined;

  constructor(url: string, note: (observation: Observation) => void) {
    this.#url = url;
    this.#note = note;
    this.#inner = new WebSocketTransport(() => {
      const socket = new WebSocket(url, [SUBPROTOCOL], { perMessageDeflate: false, handshakeTimeout: 5_000 });
      socket.once('upgrade', (response) => (this.#stream = response.socket));
      this.#socket = socket;
      return socket;
    });
  }

  get bufferedBytes(): number {
    return this.#inner.bufferedBytes;
  }

  /** As when a phone loses its network: nobody says goodbye. */
  cut(): void {
    this.#socket?.terminate();
  }

  /**
   * Reads nothing any more, and says that it is there all the same: pongs that nobody asked for (RFC 6455 5.5.3). The
   * client's library does not notice, as if it stood still itself.
   */
  pause(): void {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return;
    socket.pause();
    const timer = setInterval(() => {
      if (socket.readyState === WebSocket.OPEN) socket.pong();
    }, PONG_EVERY_MS);
    this.#stopPongs = () => clearInterval(timer);
  }

  /** Reads so many bytes a second; what has come it takes at once, and pauses for as long. Undefined: all that comes. */
  slow(bytesPerS: number | undefined): void {
    this.#stopSlowness?.();
    this.#stopSlowness = undefined;
    // below the WebSocket, whose own pause would be undone by what it has read already
    const stream = this.#stream;
    if (bytesPerS === undefined || !stream) return void stream?.resume();
    let allowed = 0;
    const count = (bytes: Buffer): void => {
      allowed -= bytes.byteLength;
      if (allowed <= 0) stream.pause();
    };
    const timer = setInterval(() => {
      allowed = Math.min(allowed + bytesPerS / SLOW_STEPS_PER_S, bytesPerS / SLOW_STEPS_PER_S);
      if (allowed > 0 && !stream.destroyed) stream.resume();
    }, 1_000 / SLOW_STEPS_PER_S);
    stream.on('data', count);
    this.#stopSlowness = () => {
      clearInterval(timer);
      stream.off('data', count);
    };
  }

  unpause(): void {
    this.#stopPongs?.();
    this.#stopPongs = undefined;
    this.#socket?.resume();
  }

  open(listener: TransportListener): void {
    this.#listener = listener;
    this.#inner.open({
      opened: () => {
        this.#note({ op: 'line', state: 'open', url: this.#url });
        listener.opened();
      },
      message: (value) => {
        this.#noteMessage(value);
        listener.message(value);
      },
      frame: (bytes) => {
        this.#noteFrame(bytes);
        listener.frame(bytes);
      },
      closed: (end) => {
        this.#stopPongs?.();
        this.#stopSlowness?.();
        this.#noteEnd(end);
        listener.closed(end);
      },
    });
  }

  sendMessage(message: ClientMessageInput): void {
    if (this.#stopPongs && message.type === 'ping') {
      this.#listener?.message({ type: 'pong', ...(message.t === undefined ? {} : { t: message.t }) });
      return;
    }
    this.#inner.sendMessage(message);
  }

  sendFrame(bytes: Uint8Array): void {
    this.#inner.sendFrame(bytes);
  }

  close(code: number, reason: string): void {
    this.#inner.close(code, reason);
  }

  #noteEnd({ code, reason }: TransportEnd): void {
    this.#note({ op: 'line', state: 'closed', reason, ...(code === undefined ? {} : { code }) });
  }

  #noteMessage(value: unknown): void {
    const observation = observationOf(value);
    if (observation) this.#note(observation);
  }

  #noteFrame(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    if (typeof frame === 'string' || frame.kind !== FRAME_KIND.model) return;
    const { turn, seq, tsMs, payload } = frame;
    const lengthMs = pcm16DurationMs(payload.byteLength, MODEL_RATE_HZ);
    this.#note({ op: 'audio', turn, seq, tsMs, lengthMs });
  }
}

/** Read without the library's own codec, which is part of what is tested. */
function observationOf(value: unknown): Observation | undefined {
  const message = record(value);
  switch (message['type']) {
    case 'ready':
      return { op: 'ready', liveId: text(message['liveId']) };
    case 'ack':
      return { op: 'acked', requestId: text(message['id']) };
    case 'resumed':
      return {
        op: 'resumed',
        cause: causeOf(message['cause']),
        recovered: message['recovered'] === true,
        mode: text(message['mode']),
        gapMs: number(message['gapMs']),
      };
    case 'error': {
      const error = record(message['error']);
      return { op: 'error', code: text(error['code']), fatal: error['fatal'] === true };
    }
    case 'event': {
      const event = record(message['event']);
      return {
        op: 'message',
        seq: number(message['seq']),
        turn: number(message['turn']),
        eventId: text(event['id']),
        partial: event['partial'] === true,
        interrupted: event['interrupted'] === true,
        tools: JSON.stringify(event['content'] ?? '').includes('"function'),
      };
    }
    default:
      return undefined;
  }
}

function causeOf(value: unknown): 'client' | 'worker' | 'drain' {
  return value === 'worker' || value === 'drain' ? value : 'client';
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
