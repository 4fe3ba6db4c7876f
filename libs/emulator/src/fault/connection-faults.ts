import type { CancelTimer, Clock } from '@parley/kernel';
import type { ServerMessage } from '../codec/server-message.js';
import type { CompleteFault } from './fault.js';
import { isMessageFault, MessageFaults } from './message-faults.js';

/** What faults do to a connection. */
export interface FaultyConnection {
  hangUp(code: number, reason: string): void;
  reset(): void;
  goAway(timeLeftMs: number): void;
  /** Holds back everything that would be sent, for ever unless `forMs` is given. */
  stall(forMs?: number): void;
  sendRaw(text: string): void;
  flipFrames(): void;
  pauseReading(): void;
  resumeReading(): void;
}

/**
 * The faults of one connection, each of which strikes once, when its time has come. Owns a timer, which `close` ends.
 */
export class ConnectionFaults {
  readonly #clock: Clock;
  readonly #connection: FaultyConnection;
  readonly #messages = new MessageFaults();
  #waiting: readonly CompleteFault[];
  #audioMessages = 0;
  #bytesPerSecond: number | undefined;
  #readingAtMs = 0;
  #readOn: CancelTimer | undefined;
  #closed = false;

  constructor(faults: readonly CompleteFault[], connection: FaultyConnection, clock: Clock) {
    this.#clock = clock;
    this.#connection = connection;
    this.#waiting = faults;
  }

  /** The connection stands: what waits for nothing strikes now. */
  begin(): void {
    const now = this.#waiting.filter((fault) => !('afterAudio' in fault));
    this.#waiting = this.#waiting.filter((fault) => 'afterAudio' in fault);
    for (const fault of now) this.strike(fault);
  }

  /** What is to be sent for a message. */
  spoil(message: ServerMessage): readonly ServerMessage[] {
    return this.#messages.spoil(message);
  }

  /** A message went out; what is due after it strikes now. */
  sent({ setupComplete, serverContent }: ServerMessage): void {
    if (this.#waiting.length === 0) return;
    const speaks = serverContent?.modelTurn?.parts.some((part) => 'inlineData' in part) ?? false;
    if (speaks) this.#audioMessages += 1;
    if (!speaks && !setupComplete) return;
    const isDue = (fault: CompleteFault): boolean =>
      'afterAudio' in fault && fault.afterAudio <= this.#audioMessages;
    const due = this.#waiting.filter(isDue);
    this.#waiting = this.#waiting.filter((fault) => !isDue(fault));
    for (const fault of due) this.strike(fault);
  }

  /** A frame of the client was read. */
  received(bytes: number): void {
    if (this.#bytesPerSecond === undefined) return;
    const nowMs = this.#clock.monotonicMs();
    const pauses = this.#readingAtMs > nowMs;
    this.#readingAtMs = Math.max(this.#readingAtMs, nowMs) + (bytes / this.#bytesPerSecond) * 1000;
    if (pauses) return;
    this.#connection.pauseReading();
    this.#waitToRead();
  }

  /** Strikes now, whatever it waits for otherwise. Faults of the handshake do nothing any more. */
  strike(fault: CompleteFault): void {
    if (this.#closed) return;
    const connection = this.#connection;
    if (isMessageFault(fault.kind)) return this.#messages.add(fault.kind);
    switch (fault.kind) {
      case 'closeBeforeSetup':
      case 'close':
        return connection.hangUp(fault.code, fault.reason);
      case 'reset':
        return connection.reset();
      case 'goAway':
        return connection.goAway(fault.timeLeftMs);
      case 'flipFrames':
        return connection.flipFrames();
      case 'malformedJson':
        return connection.sendRaw('{"serverContent": {"modelTurn": {"parts": [{"inl');
      case 'oversizedFrame':
        return connection.sendRaw(oversized(fault.bytes));
      case 'halfOpen':
        connection.pauseReading();
        return connection.stall();
      case 'stall':
        return connection.stall(fault.seconds * 1000);
      case 'slowReader':
        this.#bytesPerSecond = Math.max(1, fault.bytesPerSecond);
        return;
      default:
    }
  }

  close(): void {
    this.#closed = true;
    this.#readOn?.();
  }

  #waitToRead(): void {
    const leftMs = this.#readingAtMs - this.#clock.monotonicMs();
    if (leftMs <= 0) this.#connection.resumeReading();
    else this.#readOn = this.#clock.after(leftMs, () => this.#waitToRead());
  }
}

function oversized(bytes: number): string {
  const [head, tail] = ['{"serverContent": {"groundingMetadata": {"padding": "', '"}}}'];
  return head + 'x'.repeat(Math.max(0, bytes - head.length - tail.length)) + tail;
}
