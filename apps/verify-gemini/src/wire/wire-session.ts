import { pcm16ByteLength, pcm16DurationMs } from '@parley/audio';
import { encodeBase64, sleep, type Clock } from '@parley/kernel';
import type { RawData, WebSocket } from 'ws';
import { CheckFailure } from '../check-failure.js';
import { orderOf, readHeard, type HeardMessage } from './heard-message.js';

export interface WireEnding {
  readonly atMs: number;
  /** 1006 when there was no close frame. */
  readonly code: number;
  /** May hold secrets. */
  readonly reason: string;
}

export interface WireSessionOptions {
  readonly socket: WebSocket;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called for each message before anyone waits for it. */
  readonly onHeard: (message: HeardMessage) => void;
  /** Called before audio is sent; throws when too much was. */
  readonly onSpoken: (durationMs: number) => void;
}

export interface WaitOptions {
  /** Index in `heard` of the first message that counts; default 0. */
  readonly from?: number;
  /** Default 15,000. */
  readonly withinMs?: number;
}

export const SPEECH_RATE_HZ = 16_000;
const BLOCK_MS = 40;
const WAIT_MS = 15_000;
const NORMAL_CLOSURE = 1000;
/** Some peers never answer a goodbye. */
const CLOSE_GRACE_MS = 1_000;
/** More than any check can cause; what comes after it is not kept. */
const MAX_HEARD = 5_000;

/**
 * One connection to the Live API with nothing between: JSON out, what was heard in, in order and with its time.
 *
 * 1. Every wait ends: with what was waited for, else with a `CheckFailure` after its time, at the connection's end
 *    or when the signal aborts.
 * 2. `close` is idempotent, and a second later the socket is gone; the signal does the same.
 */
export class WireSession {
  readonly heard: HeardMessage[] = [];
  readonly #options: WireSessionOptions;
  readonly #waiting = new Set<() => void>();
  readonly #onAbort = (): void => this.close();
  #malformed = 0;
  #ending: WireEnding | undefined;

  constructor(options: WireSessionOptions) {
    this.#options = options;
    const { clock, signal, socket } = options;
    socket.on('message', (data, binary) => this.#receive(data, binary));
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => {
      this.#ending = { atMs: clock.monotonicMs(), code, reason: reason.toString() };
      signal.removeEventListener('abort', this.#onAbort);
      this.#wake();
    });
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted) this.close();
  }

  /** Frames that were no JSON object. */
  get malformed(): number {
    return this.#malformed;
  }

  get ending(): WireEnding | undefined {
    return this.#ending;
  }

  /** Now, on the clock of `HeardMessage.atMs`. */
  get nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  /** What was heard from message `from` on, in words. */
  order(from = 0): string {
    return orderOf(this.heard.slice(from));
  }

  send(message: object): void {
    const { socket } = this.#options;
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  }

  /** Sends PCM16 mono 16 kHz as a microphone would: blocks of 40 ms, each when it has been spoken. */
  async speak(pcm16: Uint8Array): Promise<void> {
    const { clock, onSpoken, signal } = this.#options;
    const startedMs = clock.monotonicMs();
    const blockBytes = pcm16ByteLength(BLOCK_MS, SPEECH_RATE_HZ);
    for (let at = 0; at < pcm16.length; at += blockBytes) {
      const block = pcm16.subarray(at, at + blockBytes);
      const dueMs = startedMs + pcm16DurationMs(at + block.length, SPEECH_RATE_HZ);
      await sleep(clock, Math.max(0, dueMs - clock.monotonicMs()), signal);
      if (signal.aborted || this.#ending) return;
      onSpoken(pcm16DurationMs(block.length, SPEECH_RATE_HZ));
      const audio = { data: encodeBase64(block), mimeType: `audio/pcm;rate=${SPEECH_RATE_HZ}` };
      this.send({ realtimeInput: { audio } });
    }
  }

  /** The first message, already here or to come, for which `wanted` holds. */
  async waitFor(
    what: string,
    wanted: (message: HeardMessage) => boolean,
    { from = 0, withinMs = WAIT_MS }: WaitOptions = {},
  ): Promise<HeardMessage> {
    const find = (): HeardMessage | undefined => this.heard.slice(from).find(wanted);
    const startedMs = this.nowMs;
    const found = await this.#until(() => find() !== undefined || this.#ending !== undefined, withinMs);
    const message = find();
    if (message) return message;
    const seen = `heard: ${this.order(from)}`;
    if (found && this.#ending) {
      throw new CheckFailure(`${closedWith(this.#ending)} before ${what} came; ${seen}`);
    }
    throw new CheckFailure(
      `${what} did not come within ${((this.nowMs - startedMs) / 1_000).toFixed(1)} s; ${seen}`,
    );
  }

  /** Waits for a kind of message. */
  waitForKind(kind: string, options: WaitOptions = {}): Promise<HeardMessage> {
    return this.waitFor(kind, (message) => message.kinds.includes(kind), options);
  }

  /** How the server ends the connection; undefined when it does not within `withinMs`. */
  async endingWithin(withinMs: number): Promise<WireEnding | undefined> {
    await this.#until(() => this.#ending !== undefined, withinMs);
    return this.#ending;
  }

  /** Lets time go by; ends early with the connection. */
  async listen(forMs: number): Promise<void> {
    await this.#until(() => this.#ending !== undefined, forMs);
  }

  close(): void {
    const { clock, signal, socket } = this.#options;
    signal.removeEventListener('abort', this.#onAbort);
    if (this.#ending) return;
    if (socket.readyState === socket.CLOSING) return;
    socket.close(NORMAL_CLOSURE);
    clock.after(CLOSE_GRACE_MS, () => socket.terminate());
  }

  #until(holds: () => boolean, withinMs: number): Promise<boolean> {
    const { clock, signal } = this.#options;
    return new Promise((resolve) => {
      const settle = (held: boolean): void => {
        cancel();
        this.#waiting.delete(look);
        signal.removeEventListener('abort', stop);
        resolve(held);
      };
      const look = (): void => (holds() ? settle(true) : undefined);
      const stop = (): void => settle(false);
      const cancel = clock.after(withinMs, stop);
      this.#waiting.add(look);
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      else look();
    });
  }

  #receive(data: RawData, binary: boolean): void {
    const frame = Array.isArray(data)
      ? Buffer.concat(data)
      : Buffer.isBuffer(data)
        ? data
        : Buffer.from(data);
    const message = readHeard(frame.toString(), binary, this.#options.clock.monotonicMs());
    if (!message) this.#malformed += 1;
    else if (this.heard.length < MAX_HEARD) {
      this.heard.push(message);
      this.#options.onHeard(message);
    }
    this.#wake();
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}

export function closedWith({ code, reason }: WireEnding): string {
  return `the connection was closed with ${code} "${reason}"`;
}
