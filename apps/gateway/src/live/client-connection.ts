import { isVoiced } from '@parley/audio';
import {
  newId,
  toParleyError,
  type CancelTimer,
  type Clock,
  type Log,
  type ParleyError,
} from '@parley/kernel';
import type { Placement } from '@parley/placement';
import type { Metrics } from '@parley/telemetry';
import type { ResumeTokens } from '@parley/tenancy';
import {
  CLOSE_NORMAL,
  DOWN_KIND,
  ERROR_TABLE,
  FRAME_KIND,
  MAX_MESSAGE_BYTES,
  parseClientMessage,
  PROTOCOL_VERSION,
  toWireError,
  type ClientMessage,
  type HelloMessage,
  type ServerMessage,
} from '@parley/wire';
import type { CallOpener } from './call-opener.js';
import { frameError, frameOfBytes, frameOfMessage, type CheckedFrame } from './client-frames.js';
import { MAX_CLIENT_BACKLOG_BYTES } from './client-outlet.js';
import type { ClientTransport, ClientTransportListener, ClosedHow } from './client-transport.js';
import { Downlink } from './downlink.js';
import type { LiveRoute } from './live-route.js';
import { MessageAllowance } from './message-allowance.js';
import { refusals } from './refusals.js';
import { TurnStopwatch } from './turn-stopwatch.js';

const HELLO_DEADLINE_MS = 10_000;
/** Loudness above which a microphone frame counts as voiced for the first-audio clock. */
const VOICED_DBFS = -45;
/** Longer than any call: what voids a token is the attach that comes after it. */
const TOKEN_LIFETIME_MS = 86_400_000;

export interface ConnectionParts {
  readonly opener: Pick<CallOpener, 'open'>;
  readonly resumeTokens: Pick<ResumeTokens, 'seal'>;
  /** How long a run waits for a client that is away. */
  readonly detachWindowMs: number;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
}

type Phase =
  | { readonly name: 'awaiting-hello'; readonly cancelDeadline: CancelTimer }
  | { readonly name: 'opening'; readonly abort: AbortController }
  | { readonly name: 'live'; readonly route: LiveRoute; readonly downlink: Downlink }
  | { readonly name: 'closed'; readonly how: ClosedHow };

/**
 * One client of the live API, on any transport.
 *
 * 1. The first message is `hello` (or the transport brought the token); without it within 10 s the connection ends.
 * 2. A bad message is answered with its error and the connection goes on, unless the error table says otherwise.
 * 3. Every message counts against the allowance; over it, it is refused, not queued.
 * 4. When the client says goodbye its run is ended; when it goes without, or has to, the run waits for it. When the run
 *    ends, the client is told why and closed.
 * 5. With every attach of its run the client gets a new resume token.
 */
export class ClientConnection implements ClientTransportListener {
  readonly #transport: ClientTransport;
  readonly #parts: ConnectionParts;
  readonly #allowance: MessageAllowance;
  readonly #stopwatch: TurnStopwatch;
  #limitToldMs = Number.NEGATIVE_INFINITY;
  #newestAttach = 0;
  #phase: Phase;

  constructor(transport: ClientTransport, parts: ConnectionParts) {
    this.#transport = transport;
    this.#parts = parts;
    this.#allowance = new MessageAllowance(parts.clock);
    this.#stopwatch = new TurnStopwatch(parts.clock);
    const cancelDeadline = parts.clock.after(HELLO_DEADLINE_MS, () => this.#fail(refusals.helloTimeout()));
    this.#phase = { name: 'awaiting-hello', cancelDeadline };
  }

  /** Undefined until the run is open. */
  get route(): LiveRoute | undefined {
    return this.#phase.name === 'live' ? this.#phase.route : undefined;
  }

  onText(json: string): void {
    if (!this.#admit(json.length)) return;
    let message: ClientMessage | undefined;
    try {
      message = parseClientMessage(json);
      this.#accept(message, json);
    } catch (thrown) {
      this.#refuse(toParleyError(thrown), message);
    }
  }

  onBinary(bytes: Uint8Array): void {
    if (!this.#admit(bytes.byteLength)) return;
    try {
      this.#acceptMedia(frameOfBytes(bytes));
    } catch (thrown) {
      this.#refuse(toParleyError(thrown));
    }
  }

  onClosed(how: ClosedHow): void {
    this.#leave(how);
  }

  /** For transports that bring the token with their handshake. */
  hello(hello: HelloMessage): void {
    if (this.#phase.name !== 'awaiting-hello') {
      return this.#refuse(refusals.secondHello());
    }
    this.#phase.cancelDeadline();
    if (hello.v !== PROTOCOL_VERSION) {
      return this.#fail(refusals.unsupportedVersion());
    }
    const abort = new AbortController();
    this.#phase = { name: 'opening', abort };
    this.#parts.opener.open(hello, abort.signal).then(
      (route) => this.#opened(route),
      (thrown: unknown) => this.#fail(toParleyError(thrown)),
    );
  }

  /** This gateway goes away in `inMs`: the client is to connect elsewhere within a random part of `spreadMs`. */
  goAway(inMs: number, spreadMs: number): void {
    this.#say({ type: 'goaway', inMs, spreadMs, reason: 'drain' });
  }

  /** Ends the connection from this side; its run waits. */
  fail(error: ParleyError): void {
    this.#fail(error);
  }

  #opened(route: LiveRoute): void {
    if (this.#phase.name === 'closed' && this.#phase.how === 'done') return route.end();
    if (this.#phase.name !== 'opening') return route.detach();
    const { metrics, clock } = this.#parts;
    const downlink = new Downlink({
      transport: this.#transport,
      stopwatch: this.#stopwatch,
      metrics,
      clock,
      onOver: (code, reason) => this.#close(code, reason),
      onOverflow: () => this.#fail(refusals.slowConsumer()),
    });
    this.#phase = { name: 'live', route, downlink };
    route.listen({
      onControl: (control) => {
        if (control.kind === DOWN_KIND.resumed) this.#countResumption(control.json);
        downlink.control(control);
      },
      onMedia: (frame, turn, left) => downlink.audio(frame, turn, left),
      onAttached: (attach, placement) => this.#giveToken(route, attach, placement),
      onSpeechLost: (ms) => this.#say({ type: 'inputDropped', ms, reason: 'age' }),
      onMediaDropped: (frames, reason) =>
        metrics.count('live_dropped_frames_total', { dir: 'up', reason }, frames),
      onOver: (error) => {
        if (error) return this.#fail(error);
        this.#say({ type: 'ended', reason: 'error' });
        this.#close(CLOSE_NORMAL, 'ended');
      },
    });
  }

  #accept(message: ClientMessage, json: string): void {
    if (message.type === 'hello') return this.hello(message);
    if (message.type === 'ping') {
      return this.#say({ type: 'pong', ...(message.t === undefined ? {} : { t: message.t }) });
    }
    if (this.#phase.name !== 'live') throw this.#notReady();
    const { route } = this.#phase;
    switch (message.type) {
      case 'audio':
      case 'image':
        return this.#acceptMedia(frameOfMessage(message));
      case 'text':
        this.#stopwatch.textMessage();
        return route.text(message);
      case 'playback':
        return route.playback(message, json);
      case 'interrupt':
        this.#stopwatch.interruptMessage();
        return route.signal(json, false);
      case 'activityStart':
      case 'end':
        return route.signal(json, true);
      case 'activityEnd':
      case 'audioStreamEnd':
        return route.signal(json, false);
    }
  }

  #acceptMedia({ frame, bytes }: CheckedFrame): void {
    if (this.#phase.name !== 'live') throw this.#notReady();
    const voiced = frame.kind === FRAME_KIND.mic && isVoiced(frame.payload, VOICED_DBFS);
    if (voiced) this.#stopwatch.voicedFrame();
    this.#phase.route.media(frame, bytes, voiced);
  }

  #admit(bytes: number): boolean {
    if (this.#phase.name === 'closed') return false;
    this.#parts.metrics.count('live_ws_bytes_total', { dir: 'in' }, bytes);
    if (bytes > MAX_MESSAGE_BYTES) {
      this.#refuse(frameError('frame_too_large'));
      return false;
    }
    if (this.#allowance.take()) return true;
    // one answer a second: a flood is not to be answered with a flood
    const nowMs = this.#parts.clock.monotonicMs();
    if (nowMs - this.#limitToldMs < 1_000) return false;
    this.#limitToldMs = nowMs;
    this.#refuse(refusals.tooManyMessages());
    return false;
  }

  #giveToken(route: LiveRoute, attach: number, placement: Placement): void {
    const { resumeTokens, detachWindowMs, log } = this.#parts;
    const { workerId, incarnation, address, epoch } = placement;
    const { grant, liveId } = route;
    const resume = { grant, liveId, attach, workerId, incarnation, address, epoch };
    this.#newestAttach = attach;
    resumeTokens.seal(resume, TOKEN_LIFETIME_MS).then(
      (token) => {
        if (this.#newestAttach === attach) this.#say({ type: 'resume', token, windowMs: detachWindowMs });
      },
      (error: unknown) => log.error('a resume token could not be sealed', { liveId, error }),
    );
  }

  #countResumption(json: string): void {
    const resumed = JSON.parse(json) as { readonly cause?: string; readonly recovered?: boolean };
    if (resumed.cause !== 'client') return;
    const outcome = resumed.recovered === true ? 'recovered' : 'gap';
    this.#parts.metrics.count('live_resumes_total', { outcome });
  }

  /** Answers a bad message; ends the connection only where the error table says so. */
  #refuse(error: ParleyError, message?: ClientMessage): void {
    if (ERROR_TABLE[error.code].scope === 'connection') return this.#fail(error);
    this.#parts.metrics.count('live_protocol_errors_total', { code: error.code });
    const ref = message && 'id' in message ? message.id : undefined;
    this.#say({ type: 'error', error: toWireError(error, ref === undefined ? {} : { ref }) });
  }

  #fail(error: ParleyError): void {
    if (this.#phase.name === 'closed') return;
    const requestId = newId('req');
    this.#parts.metrics.count('live_protocol_errors_total', { code: error.code });
    if (error.kind === 'internal')
      this.#parts.log.error('a connection failed', { requestId, code: error.code, error });
    if (this.#phase.name === 'live') this.#phase.downlink.close();
    const told: ServerMessage = { type: 'error', error: toWireError(error, { fatal: true, requestId }) };
    this.#transport.sendText(JSON.stringify(told));
    this.#close(ERROR_TABLE[error.code].close, error.code);
  }

  #close(code: number, reason: string): void {
    if (this.#phase.name === 'closed') return;
    this.#leave('lost');
    this.#parts.metrics.count('live_ws_closes_total', { code: String(code) });
    this.#transport.close(code, reason);
  }

  #leave(how: ClosedHow): void {
    const phase = this.#phase;
    if (phase.name === 'closed') return;
    this.#phase = { name: 'closed', how };
    if (phase.name === 'awaiting-hello') phase.cancelDeadline();
    if (phase.name === 'opening') phase.abort.abort();
    if (phase.name !== 'live') return;
    phase.downlink.close();
    if (how === 'done') phase.route.end();
    else phase.route.detach();
  }

  #notReady(): ParleyError {
    return this.#phase.name === 'awaiting-hello' ? refusals.noHello() : refusals.notReady();
  }

  /** The gateway's own notices, behind what the client is still to get. */
  #say(message: ServerMessage): void {
    if (this.#phase.name === 'closed') return;
    if (this.#phase.name === 'live') return this.#phase.downlink.notice(message);
    this.#transport.sendText(JSON.stringify(message));
    if (this.#transport.bufferedBytes() > MAX_CLIENT_BACKLOG_BYTES) this.#fail(refusals.slowConsumer());
  }
}
