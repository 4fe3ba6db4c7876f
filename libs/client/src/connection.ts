import { ParleyError, type CancelTimer, type Clock } from '@parley/kernel';
import {
  CLOSE_NORMAL,
  ERROR_TABLE,
  PROTOCOL_VERSION,
  type ClientMessageInput,
  type ReadyMessage,
  type ResumedMessage,
  type ResumeRequest,
} from '@parley/wire';
import { callEnd, connectError, mayGoOn, type CallEnd } from './call-end.js';
import { Line, type LineMessage } from './line.js';
import { Recovery, type RecoveryOptions, type Retry } from './recovery.js';
import type { LiveTransport } from './transport.js';

/** What a connection does not deal with itself. */
export type CallMessage = Exclude<LineMessage, { readonly type: 'ready' | 'resume' | 'resumed' }>;

export interface ConnectionOptions {
  readonly dial: () => LiveTransport;
  readonly token: string;
  readonly readyTimeoutMs: number;
  /** False: the call ends with its line. */
  readonly reconnect: false | Omit<RecoveryOptions, 'windowMs'>;
}

export interface ConnectionHost {
  /** What has been received, for a server that goes on with the call. */
  received(): Omit<ResumeRequest, 'token'>;
  /** What is said goes out here from now on; what may not have arrived on another line is to be said again. */
  lineUp(transport: LiveTransport): void;
  /** What is said has to wait. */
  lineDown(): void;
  ready(ready: ReadyMessage): void;
  retrying(retry: Retry): void;
  resumed(resumed: ResumedMessage): void;
  message(message: CallMessage): void;
  unreadable(): void;
  frame(bytes: Uint8Array): void;
  closed(end: CallEnd): void;
}

type Phase =
  | { readonly name: 'new' | 'closed' }
  | {
      readonly name: 'opening';
      readonly line: Line;
      readonly cancelDeadline: CancelTimer;
      readonly settle: Settle;
    }
  /** `successor`: the server will leave, and another line is being made or will be. */
  | { readonly name: 'live'; readonly line: Line; readonly successor: Recovery | undefined }
  | { readonly name: 'reconnecting'; readonly recovery: Recovery };

type Hello = Extract<ClientMessageInput, { readonly type: 'hello' }>;

interface Settle {
  readonly resolve: (ready: ReadyMessage) => void;
  readonly reject: (error: ParleyError) => void;
}

const SUPERSEDED = ERROR_TABLE.superseded.close;

/**
 * A call's connection over all of its lines: one after the other until the call is over.
 *
 * 1. Only the lines of the phase count; what an earlier one still says is not heard, how it ends not told.
 * 2. A call becomes live once, and survives its lines as long as the server keeps it and has given a way back.
 * 3. A line is closed with 1000 only to end the call.
 * 4. `closed` is told exactly once and last; after it no timer runs.
 */
export class Connection {
  readonly #clock: Clock;
  readonly #options: ConnectionOptions;
  readonly #host: ConnectionHost;
  #phase: Phase = { name: 'new' };
  #wayBack: { readonly token: string; readonly windowMs: number } | undefined;
  #reconnects = 0;
  #roundTripMs: number | undefined;

  constructor(clock: Clock, options: ConnectionOptions, host: ConnectionHost) {
    this.#clock = clock;
    this.#options = options;
    this.#host = host;
  }

  get phase(): Phase['name'] {
    return this.#phase.name;
  }

  /** How often the call was taken up on another line. */
  get reconnects(): number {
    return this.#reconnects;
  }

  /** The last one on any line. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** Rejects with the server's error, `hello_timeout`, or `control_plane_unavailable`; see `ParleyClient.connect`. */
  open(): Promise<ReadyMessage> {
    if (this.#phase.name !== 'new') throw new Error('A client makes one call; make another client.');
    return new Promise<ReadyMessage>((resolve, reject) => {
      const { readyTimeoutMs, token } = this.#options;
      const line = this.#dial(() => ({ type: 'hello', v: PROTOCOL_VERSION, token }));
      const cancelDeadline = this.#clock.after(readyTimeoutMs, () => this.#giveUpOpening());
      this.#phase = { name: 'opening', line, cancelDeadline, settle: { resolve, reject } };
      line.open();
    });
  }

  /** Ends the call at once. Idempotent. */
  close(): void {
    const phase = this.#phase;
    if (phase.name === 'live') phase.successor?.close(CLOSE_NORMAL, 'client');
    if (phase.name === 'live' || phase.name === 'opening') return phase.line.close(CLOSE_NORMAL, 'client');
    if (phase.name === 'reconnecting') phase.recovery.close(CLOSE_NORMAL, 'client');
    this.#finish(callEnd({ code: CLOSE_NORMAL, reason: 'client' }, { error: undefined, ended: undefined }));
  }

  #dial(hello: () => Hello): Line {
    return new Line(this.#options.dial(), this.#clock, {
      hello,
      message: (message, line) => this.#receive(message, line),
      unreadable: () => this.#host.unreadable(),
      roundTrip: (ms) => (this.#roundTripMs = ms),
      frame: (bytes, line) => {
        if (this.#phase.name === 'live' && this.#phase.line === line) this.#host.frame(bytes);
      },
      ended: (end, line) => this.#lineEnded(end, line),
    });
  }

  #receive(message: LineMessage, line: Line): void {
    if (!this.#counts(line)) return;
    switch (message.type) {
      case 'ready':
        return this.#becomeLive(message, line);
      case 'resume':
        this.#wayBack = { token: message.token, windowMs: message.windowMs };
        return;
      case 'resumed':
        return this.#resumed(message, line);
      case 'goaway':
        this.#leave(message.spreadMs, line);
        return this.#host.message(message);
      default:
        return this.#host.message(message);
    }
  }

  #becomeLive(ready: ReadyMessage, line: Line): void {
    if (this.#phase.name !== 'opening') return;
    const { settle, cancelDeadline } = this.#phase;
    cancelDeadline();
    line.keepAlive();
    this.#phase = { name: 'live', line, successor: undefined };
    this.#host.lineUp(line.transport);
    this.#host.ready(ready);
    settle.resolve(ready);
  }

  #giveUpOpening(): void {
    if (this.#phase.name !== 'opening') return;
    const message = `The server did not get ready within ${this.#options.readyTimeoutMs / 1000} s.`;
    this.#phase.settle.reject(
      new ParleyError('hello_timeout', message, { kind: 'deadline_exceeded', retryable: true }),
    );
    this.#phase.line.close(CLOSE_NORMAL, message);
  }

  #leave(spreadMs: number, line: Line): void {
    const phase = this.#phase;
    if (phase.name !== 'live' || phase.line !== line || phase.successor) return;
    const successor = this.#newRecovery();
    if (!successor) return;
    this.#phase = { name: 'live', line, successor };
    successor.leave(spreadMs);
  }

  #resumed(message: ResumedMessage, line: Line): void {
    const phase = this.#phase;
    if (phase.name === 'live' && phase.line === line) return this.#host.resumed(message);
    const recovery = this.#recovery;
    if (recovery?.line !== line) return;
    const gapMs = Math.max(message.gapMs, recovery.lostForMs);
    recovery.settled();
    line.keepAlive();
    this.#phase = { name: 'live', line, successor: undefined };
    if (phase.name === 'live') phase.line.close(SUPERSEDED, 'The call goes on elsewhere.');
    this.#reconnects += 1;
    this.#host.lineUp(line.transport);
    this.#host.resumed({ ...message, gapMs });
  }

  #lineEnded(end: CallEnd, line: Line): void {
    const phase = this.#phase;
    if (phase.name === 'opening') return this.#finish(end);
    if (phase.name === 'live' && phase.line === line) return this.#lost(end, phase.successor);
    if (this.#recovery?.line !== line) return;
    this.#recovery.failed(end);
    // What is said was held back while the new line asked to take the old one's place.
    if (this.#phase.name === 'live') this.#host.lineUp(this.#phase.line.transport);
  }

  #lost(end: CallEnd, successor: Recovery | undefined): void {
    const taken = successor?.asked === true && end.code === SUPERSEDED;
    const recovery = successor ?? this.#newRecovery();
    if (!recovery || !(taken || mayGoOn(end))) return this.#finish(end);
    this.#phase = { name: 'reconnecting', recovery };
    this.#host.lineDown();
    recovery.lost(end);
  }

  #counts(line: Line): boolean {
    const phase = this.#phase;
    const isCurrent = (phase.name === 'opening' || phase.name === 'live') && phase.line === line;
    return isCurrent || this.#recovery?.line === line;
  }

  get #recovery(): Recovery | undefined {
    if (this.#phase.name === 'reconnecting') return this.#phase.recovery;
    return this.#phase.name === 'live' ? this.#phase.successor : undefined;
  }

  /** Undefined where there is no way back. */
  #newRecovery(): Recovery | undefined {
    const wayBack = this.#wayBack;
    const { reconnect } = this.#options;
    if (!wayBack || !reconnect) return undefined;
    const options = { ...reconnect, windowMs: wayBack.windowMs };
    return new Recovery(this.#clock, options, {
      dial: () => this.#dial(() => this.#helloAgain()),
      retrying: (retry) => this.#host.retrying(retry),
      gaveUp: (end) => this.#gaveUp(end),
    });
  }

  #helloAgain(): Hello {
    this.#host.lineDown();
    const token = this.#wayBack?.token ?? '';
    return { type: 'hello', v: PROTOCOL_VERSION, resume: { token, ...this.#host.received() } };
  }

  /** While the old line serves the call stays on it; how that ends decides. */
  #gaveUp(end: CallEnd): void {
    if (this.#phase.name === 'live') this.#phase = { ...this.#phase, successor: undefined };
    else this.#finish(end);
  }

  #finish(end: CallEnd): void {
    const phase = this.#phase;
    if (phase.name === 'closed') return;
    this.#phase = { name: 'closed' };
    if (phase.name === 'opening') {
      phase.cancelDeadline();
      phase.settle.reject(connectError(end));
    }
    if (phase.name === 'live') phase.successor?.close(CLOSE_NORMAL, 'client');
    this.#host.closed(end);
  }
}
