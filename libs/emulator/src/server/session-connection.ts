import type { Log } from '@parley/kernel';
import type { RawData, WebSocket } from 'ws';
import type { Reply } from '../brain/brain.js';
import { encodeServerMessage, type FrameStyle, type ServerMessage } from '../codec/server-message.js';
import type { Setup } from '../codec/setup.js';
import type { LoadSession } from '../load/load-session.js';
import { clipReason, CLOSE_REASONS, type CloseReason } from '../session/close-reason.js';
import type { EmulatorSession } from '../session/emulator-session.js';
import type { EmulatedSession } from './emulated-session.js';
import type { EmulatorStats } from './emulator-stats.js';
import type { EventLog, SessionEvent } from './event-log.js';

export interface SessionConnectionOptions {
  readonly id: string;
  readonly scenario: string;
  readonly api: 'gemini' | 'vertex';
  readonly socket: WebSocket;
  readonly frames: FrameStyle;
  readonly events: EventLog;
  readonly stats: EmulatorStats;
  readonly log: Log;
  /** Called once, when the socket is gone. */
  readonly onClosed: () => void;
}

export type ServedSession =
  | { readonly kind: 'conversation'; readonly session: EmulatorSession }
  | { readonly kind: 'load'; readonly session: LoadSession };

/** A client that reads this slowly is cut off. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;
const MAX_STALLED = 1_000;

/**
 * Joins one WebSocket and one session: frames in, messages out, and the end of either to the other. Owns the
 * socket.
 *
 * 1. Messages leave in the order in which they were given, also across a stall.
 * 2. When the socket is gone the session is closed; a session that hangs up closes the socket.
 */
export class SessionConnection implements EmulatedSession {
  readonly label = 'emulated';
  readonly #options: SessionConnectionOptions;
  #served: ServedSession | undefined;
  #stalled: (string | Buffer)[] | undefined;
  #closed = false;

  constructor(options: SessionConnectionOptions) {
    this.#options = options;
  }

  get id(): string {
    return this.#options.id;
  }

  get scenario(): string {
    return this.#options.scenario;
  }

  get api(): 'gemini' | 'vertex' {
    return this.#options.api;
  }

  get setup(): Setup | undefined {
    return this.#served?.kind === 'conversation' ? this.#served.session.setup : undefined;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get events(): readonly SessionEvent[] {
    return this.#options.events.events;
  }

  /** Begins to serve the socket. */
  serve(served: ServedSession): void {
    const { socket } = this.#options;
    this.#served = served;
    socket.on('message', (data) => this.#receive(data));
    // What the protocol can't take (a frame that is too large) closes the socket by itself.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#end());
  }

  send(message: ServerMessage): void {
    this.#options.events.recordMessage(message);
    this.sendFrame(encodeServerMessage(message, this.#options.frames));
  }

  sendFrame(frame: string | Buffer): void {
    if (this.#stalled) {
      if (this.#stalled.length < MAX_STALLED) this.#stalled.push(frame);
      return;
    }
    const { socket, frames, stats } = this.#options;
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      stats.slowClients += 1;
      socket.terminate();
      return;
    }
    stats.framesOut += 1;
    stats.bytesOut += frame.length;
    socket.send(frame, { binary: frames === 'pretty-binary' });
  }

  closeSocket({ code, reason }: CloseReason): void {
    this.hangUp(code, reason);
  }

  inject(reply: Reply): void {
    if (this.#served?.kind === 'conversation') this.#served.session.live?.inject(reply);
  }

  goAway(timeLeftMs: number): void {
    if (this.#served?.kind === 'conversation') this.#served.session.live?.goAway(timeLeftMs);
  }

  hangUp(code: number, reason: string): void {
    this.#options.events.recordMessage({ close: { code, reason } });
    this.#served?.session.close();
    this.#options.socket.close(code, clipReason(reason));
  }

  reset(): void {
    this.#options.socket.terminate();
  }

  stall(): void {
    this.#stalled ??= [];
  }

  resume(): void {
    const held = this.#stalled ?? [];
    this.#stalled = undefined;
    for (const frame of held) this.sendFrame(frame);
  }

  sendRaw(text: string): void {
    this.sendFrame(text);
  }

  #receive(data: RawData): void {
    const { events, stats, log } = this.#options;
    // The socket gives Buffers; its type allows for other settings.
    const frame = Array.isArray(data)
      ? Buffer.concat(data)
      : Buffer.isBuffer(data)
        ? data
        : Buffer.from(data);
    stats.framesIn += 1;
    stats.bytesIn += frame.length;
    try {
      if (this.#served?.kind === 'load') {
        this.#served.session.onFrame(frame);
      } else {
        const text = frame.toString();
        events.recordFrame(text);
        this.#served?.session.onFrame(text);
      }
    } catch (error) {
      log.error('a message could not be served', { error });
      this.closeSocket(CLOSE_REASONS.internal);
    }
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#served?.session.close();
    this.#options.onClosed();
  }
}
