import type { Clock, Log } from '@parley/kernel';
import type { LiveConnectionEnd, LiveServerMessage, ReplacementReason } from '@parley/live';
import type { ConnectionPhase, OpenPhase, RotationOutcome } from './connection-phase.js';
import type { GeminiSocketConnection, SocketConnectionEnd } from './gemini-socket-connection.js';
import type { ModelInput, SentStamp } from './model-input.js';
import type { ReconnectBudget } from './reconnect-budget.js';
import type { RecoveryLadder } from './recovery-ladder.js';
import { errorName } from './redact.js';
import { Rotation } from './rotation.js';
import type { OpenedSocket, SessionRenewal } from './session-renewal.js';

/** What a conversation has to know of its sockets. None of these may throw; all of them may close the succession. */
export interface SuccessionSink {
  /** From the socket of now. */
  onMessage(message: LiveServerMessage): void;
  /** The socket of now is given up, in peace or not, and says nothing more. */
  onDisarmed(): void;
  /** There is no socket, and another is being dialled. */
  onLost(): void;
  /** The next one is open: now is the time to tell it what it has missed. It says nothing before this returns. */
  onSuccessor(opened: OpenedSocket, reason: ReplacementReason, gapMs: number): void;
  /** There will be none any more. Once. */
  onEnd(end: LiveConnectionEnd): void;
}

export interface SocketSuccessionOptions {
  readonly first: GeminiSocketConnection;
  readonly renewal: SessionRenewal;
  readonly ladder: RecoveryLadder;
  readonly budget: ReconnectBudget;
  /** Whether the conversation would lose nothing by a change of sockets now. */
  readonly isSafe: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly sink: SuccessionSink;
}

/**
 * The sockets of one conversation, one after the other.
 *
 * 1. One at a time: the old one has ended before the next is dialled.
 * 2. A socket is read from `listen` on, its successors at once; what comes from one that was given up is not told.
 * 3. Each gives way when it is lost, when `replace` is called, and by its `Rotation` after a `goAway` or `rotate`.
 * 4. After `close` nothing is dialled; `onEnd` follows when the last socket has gone. No timer outlives it.
 */
export class SocketSuccession {
  readonly #options: SocketSuccessionOptions;
  readonly #rotationWaiters: ((outcome: RotationOutcome) => void)[] = [];
  #phase: ConnectionPhase;

  constructor(options: SocketSuccessionOptions) {
    this.#options = options;
    this.#phase = this.#open(options.first);
  }

  /** Whether anything that is said now goes to a socket. */
  get isOpen(): boolean {
    return this.#phase.kind === 'open';
  }

  /** Nothing will be said any more. */
  get isOver(): boolean {
    return this.#phase.kind === 'closing' || this.#phase.kind === 'closed';
  }

  get bufferedBytes(): number {
    return this.#phase.kind === 'open' ? this.#phase.socket.bufferedBytes : 0;
  }

  /** Only while `isOpen`. */
  say(input: ModelInput, stamp: SentStamp): void {
    if (this.#phase.kind !== 'open') return;
    this.#phase.spoken = true;
    this.#phase.socket.say(input, stamp);
  }

  ping(): void {
    if (this.#phase.kind === 'open') this.#phase.socket.ping();
  }

  listen(): void {
    if (this.#phase.kind === 'open') this.#attach(this.#phase);
  }

  /** Resolves when a change, for whatever reason, is done or will never be. */
  rotate(withinMs: number): Promise<RotationOutcome> {
    return new Promise((resolve) => {
      if (this.isOver) return resolve('ended');
      this.#rotationWaiters.push(resolve);
      if (this.#phase.kind === 'open') this.#phase.rotation.ask(withinMs);
    });
  }

  /** Gives the socket up, in peace. */
  replace(reason: ReplacementReason): void {
    const phase = this.#phase;
    if (phase.kind !== 'open') return;
    this.#disarm(phase);
    const { socket } = phase;
    this.#phase = { kind: 'draining', socket, reason, sinceMs: this.#options.clock.monotonicMs() };
    this.#attach(phase);
    phase.socket.close();
  }

  /** With `graceMs` the last socket is gone within that time from now, also when it is closing already. */
  close(graceMs?: number): void {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'open':
        this.#disarm(phase);
        this.#phase = { kind: 'closing', socket: phase.socket };
        this.#attach(phase);
        return phase.socket.close(graceMs);
      case 'draining':
        this.#phase = { kind: 'closing', socket: phase.socket };
        return graceMs === undefined ? undefined : phase.socket.close(graceMs);
      case 'resuming':
        phase.stop.abort();
        return this.#finish({ kind: 'client_closed' });
      case 'closing':
        return graceMs === undefined ? undefined : phase.socket.close(graceMs);
      case 'closed':
        return;
    }
  }

  #open(socket: GeminiSocketConnection): OpenPhase {
    const { budget, clock, isSafe, ladder } = this.#options;
    const rotation = new Rotation({ clock, isSafe, onDue: (reason) => this.replace(reason) });
    const cancelUptime = budget.afterUptime(() => ladder.settled());
    return { kind: 'open', socket, rotation, cancelUptime, attached: false, heard: false, spoken: false };
  }

  /** The socket's messages come from now on, those that waited at once. */
  #attach(phase: OpenPhase): void {
    if (phase.attached) return;
    phase.attached = true;
    phase.socket.listen({
      onMessage: (message) => this.#received(phase, message),
      onEnd: (end) => this.#socketEnded(phase, end),
    });
  }

  #received(phase: OpenPhase, message: LiveServerMessage): void {
    if (this.#phase !== phase) return;
    phase.heard = true;
    this.#options.sink.onMessage(message);
    if (message.goAway) phase.rotation.goAway(message.goAway.timeLeftMs);
    phase.rotation.look();
  }

  #socketEnded(phase: OpenPhase, end: SocketConnectionEnd): void {
    const now = this.#phase;
    if (now.kind === 'closing') return this.#finish({ kind: 'client_closed' });
    if (now.kind === 'draining') return this.#renew(now.reason, now.sinceMs);
    if (now !== phase || end.kind === 'closed') return;
    this.#disarm(phase);
    const { clock, ladder, log } = this.#options;
    const { about, closeCode, errorCode, kind, reason } = end.verdict;
    const { heard, spoken } = phase;
    const next = ladder.lost({ about, closeCode, fatal: kind === 'fatal', heard, spoken });
    if (next === 'end') return this.#finish({ kind, errorCode, closeCode, reason });
    log.info('lost a connection to the model', { closeCode, reason });
    this.#renew(end.congested ? 'congested' : 'lost', clock.monotonicMs());
  }

  #renew(reason: ReplacementReason, sinceMs: number): void {
    const { log, renewal, sink } = this.#options;
    const stop = new AbortController();
    const phase: ConnectionPhase = { kind: 'resuming', stop };
    this.#phase = phase;
    sink.onLost();
    renewal
      .renew(reason, stop.signal)
      .then((renewed) => {
        // Closed meanwhile: a socket that opened in the same moment is nobody's.
        if (this.#phase !== phase) return renewed.kind === 'opened' ? renewed.socket.close() : undefined;
        if (renewed.kind === 'ended') return this.#finish(renewed.end);
        return this.#goOn(renewed, reason, sinceMs);
      })
      .catch((error: unknown) => {
        log.error('a connection to the model could not be renewed', { error: errorName(error) });
        this.#finish({ kind: 'fatal', errorCode: 'internal', closeCode: 1006, reason: 'renewal failed' });
      });
  }

  #goOn(opened: OpenedSocket, reason: ReplacementReason, sinceMs: number): void {
    const { clock, sink } = this.#options;
    const phase = this.#open(opened.socket);
    this.#phase = phase;
    sink.onSuccessor(opened, reason, Math.round(clock.monotonicMs() - sinceMs));
    for (const resolve of this.#rotationWaiters.splice(0)) resolve('rotated');
    if (this.#phase === phase) this.#attach(phase);
  }

  #disarm(phase: OpenPhase): void {
    phase.rotation.close();
    phase.cancelUptime();
    this.#options.sink.onDisarmed();
  }

  #finish(end: LiveConnectionEnd): void {
    this.#phase = { kind: 'closed' };
    this.#options.sink.onEnd(end);
    for (const resolve of this.#rotationWaiters.splice(0)) resolve('ended');
  }
}
