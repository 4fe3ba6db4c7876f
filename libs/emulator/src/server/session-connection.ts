import type { CancelTimer, Clock, Log } from '@parley/kernel';
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import type { Reply } from '../brain/brain.js';
import { encodeServerMessage, type FrameStyle, type ServerMessage } from '../codec/server-message.js';
import type { Setup } from '../codec/setup.js';
import { ConnectionFaults, type FaultyConnection } from '../fault/connection-faults.js';
import type { CompleteFault } from '../fault/fault.js';
import type { LoadSession } from '../load/load-session.js';
import type { Pace } from '../scenario/performance.js';
import { ReceivedLog } from '../scenario/received-log.js';
import type { ConnectionEnding, ScriptableConnection } from '../scenario/scripted-session.js';
import type { WireJson } from '../scenario/step-message.js';
import type { Step } from '../scenario/step.js';
import { clipReason, CLOSE_REASONS, type CloseReason } from '../session/close-reason.js';
import type { EmulatorSession } from '../session/emulator-session.js';
import type { EmulatedSession } from './emulated-session.js';
import type { EmulatorStats } from './emulator-stats.js';
import type { EventLog, SessionEvent } from './event-log.js';

export interface SessionConnectionOptions {
  readonly id: string;
  readonly scenario: string;
  readonly api: 'gemini' | 'vertex';
  readonly request: ScriptableConnection['request'];
  readonly socket: WebSocket;
  /** What `socket` runs over. */
  readonly tcp: Socket;
  readonly faults: readonly CompleteFault[];
  readonly frames: FrameStyle;
  readonly events: EventLog;
  readonly stats: EmulatorStats;
  readonly clock: Clock;
  readonly log: Log;
  /** Called once, when the first message was received and answered. */
  readonly onArrived: () => void;
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
export class SessionConnection implements EmulatedSession, ScriptableConnection, FaultyConnection {
  readonly label = 'emulated';
  readonly received = new ReceivedLog();
  readonly #options: SessionConnectionOptions;
  #served: ServedSession | undefined;
  readonly #faults: ConnectionFaults;
  #stalled: (string | Buffer)[] | undefined;
  #flipped = false;
  /** What faults sent on top of what a client can be expected to read in time. */
  #oversizedBytes = 0;
  #resuming: CancelTimer | undefined;
  #arrived = false;
  #ending: ConnectionEnding | undefined;

  constructor(options: SessionConnectionOptions) {
    this.#options = options;
    this.#faults = new ConnectionFaults(options.faults, this, options.clock);
  }

  get id(): string {
    return this.#options.id;
  }

  get scenario(): string {
    const marked = this.#served?.kind === 'conversation' ? this.#served.session.markedScenario : undefined;
    return marked ?? this.#options.scenario;
  }

  get request(): ScriptableConnection['request'] {
    return this.#options.request;
  }

  get api(): 'gemini' | 'vertex' {
    return this.#options.api;
  }

  get lineage(): string {
    const live = this.#served?.kind === 'conversation' ? this.#served.session.live : undefined;
    return live?.lineage ?? this.id;
  }

  get setup(): Setup | undefined {
    return this.#served?.kind === 'conversation' ? this.#served.session.setup : undefined;
  }

  get closed(): boolean {
    return this.#ending !== undefined;
  }

  get ending(): ConnectionEnding | undefined {
    return this.#ending;
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
    socket.on('close', (code, reason) => this.#end({ code, reason: String(reason) }));
    this.#faults.begin();
  }

  send(message: ServerMessage): void {
    for (const each of this.#faults.spoil(message)) {
      this.#options.events.recordMessage(each);
      this.sendFrame(encodeServerMessage(each, this.#options.frames));
      this.#faults.sent(each);
    }
  }

  sendJson(message: WireJson): void {
    this.send(message);
  }

  play(steps: readonly Step[], pace: Pace | undefined): Promise<void> | undefined {
    return this.#served?.kind === 'conversation'
      ? this.#served.session.scripted?.play(steps, pace)
      : undefined;
  }

  sendFrame(frame: string | Buffer): void {
    if (this.#stalled) {
      if (this.#stalled.length < MAX_STALLED) this.#stalled.push(frame);
      return;
    }
    const { socket, frames, stats } = this.#options;
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES + this.#oversizedBytes) {
      stats.slowClients += 1;
      socket.terminate();
      return;
    }
    stats.framesOut += 1;
    stats.bytesOut += frame.length;
    socket.send(frame, { binary: (frames === 'pretty-binary') !== this.#flipped });
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
    const { tcp, socket } = this.#options;
    tcp.resetAndDestroy();
    socket.terminate();
  }

  strike(fault: CompleteFault): void {
    this.#faults.strike(fault);
  }

  flipFrames(): void {
    this.#flipped = true;
  }

  pauseReading(): void {
    this.#options.socket.pause();
  }

  resumeReading(): void {
    this.#options.socket.resume();
  }

  stall(forMs?: number): void {
    this.#stalled ??= [];
    this.#resuming?.();
    this.#resuming = forMs === undefined ? undefined : this.#options.clock.after(forMs, () => this.resume());
  }

  resume(): void {
    this.#resuming?.();
    const held = this.#stalled ?? [];
    this.#stalled = undefined;
    for (const frame of held) this.sendFrame(frame);
  }

  sendRaw(text: string): void {
    this.#oversizedBytes += text.length;
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
    this.#faults.received(frame.length);
    try {
      if (this.#served?.kind === 'load') {
        this.#served.session.onFrame(frame);
      } else {
        const text = frame.toString();
        events.recordFrame(text);
        this.received.record(text);
        this.#served?.session.onFrame(text);
        this.#tellArrival();
      }
    } catch (error) {
      log.error('a message could not be served', { error });
      this.closeSocket(CLOSE_REASONS.internal);
    }
  }

  #tellArrival(): void {
    if (this.#served?.kind === 'conversation' && this.#served.session.scripted) this.received.keepAll();
    if (!this.#arrived) this.#options.onArrived();
    this.#arrived = true;
    this.received.announce();
  }

  #end(ending: ConnectionEnding): void {
    if (this.#ending) return;
    this.#ending = ending;
    this.#resuming?.();
    this.#faults.close();
    this.#served?.session.close();
    this.received.announce();
    this.#options.onClosed();
  }
}
