import { isVoiced } from '@parley/audio';
import { newId, ParleyError, toParleyError, type CancelTimer, type Clock, type Log } from '@parley/kernel';
import type { Metrics } from '@parley/telemetry';
import {
  checkClientFrame,
  CLOSE_NORMAL,
  decodeFrame,
  encodeFrame,
  ERROR_TABLE,
  FRAME_CODEC,
  FRAME_KIND,
  MAX_MESSAGE_BYTES,
  parseClientMessage,
  PROTOCOL_VERSION,
  toWireError,
  type ClientMessage,
  type FrameProblem,
  type HelloMessage,
  type MediaFrame,
  type ServerMessage,
} from '@parley/wire';
import type { CallOpener, OpenedCall } from './call-opener.js';
import type { ClientTransport, ClientTransportListener } from './client-transport.js';
import { Downlink, MAX_CLIENT_BACKLOG_BYTES } from './downlink.js';
import { MessageAllowance } from './message-allowance.js';
import { TurnStopwatch } from './turn-stopwatch.js';

const HELLO_DEADLINE_MS = 10_000;
/** Loudness above which a microphone frame counts as voiced for the first-audio clock. */
const VOICED_DBFS = -45;

export interface ConnectionParts {
  readonly opener: Pick<CallOpener, 'open'>;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
}

type Phase =
  | { readonly name: 'awaiting-hello'; readonly cancelDeadline: CancelTimer }
  | { readonly name: 'opening' }
  | { readonly name: 'live'; readonly call: OpenedCall; readonly downlink: Downlink }
  | { readonly name: 'closed' };

/**
 * One client of the live API, on any transport.
 *
 * 1. The first message is `hello` (or the transport brought the token); without it within 10 s the connection ends.
 * 2. A bad message is answered with its error and the connection goes on, unless the error table says otherwise.
 * 3. Every message counts against the allowance; over it, it is refused, not queued.
 * 4. When the client goes, its run is ended; when the run ends, the client is told why and closed.
 */
export class ClientConnection implements ClientTransportListener {
  readonly #transport: ClientTransport;
  readonly #parts: ConnectionParts;
  readonly #allowance: MessageAllowance;
  readonly #stopwatch: TurnStopwatch;
  #limitToldMs = Number.NEGATIVE_INFINITY;
  #phase: Phase;

  constructor(transport: ClientTransport, parts: ConnectionParts) {
    this.#transport = transport;
    this.#parts = parts;
    this.#allowance = new MessageAllowance(parts.clock);
    this.#stopwatch = new TurnStopwatch(parts.clock);
    const cancelDeadline = parts.clock.after(HELLO_DEADLINE_MS, () =>
      this.#fail(new ParleyError('hello_timeout', 'No hello within 10 s.', { kind: 'deadline_exceeded' })),
    );
    this.#phase = { name: 'awaiting-hello', cancelDeadline };
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
    const frame = decodeFrame(bytes);
    if (typeof frame === 'string') return this.#refuse(frameError(frame));
    this.#acceptMedia(frame, bytes);
  }

  onClosed(): void {
    const phase = this.#phase;
    this.#phase = { name: 'closed' };
    if (phase.name === 'awaiting-hello') phase.cancelDeadline();
    if (phase.name === 'live') phase.call.channel.close('ended');
  }

  /** For transports that bring the token with their handshake. */
  hello(hello: HelloMessage): void {
    if (this.#phase.name !== 'awaiting-hello') {
      return this.#refuse(
        new ParleyError('invalid_message', 'hello was said already.', { kind: 'invalid_argument' }),
      );
    }
    this.#phase.cancelDeadline();
    if (hello.v !== PROTOCOL_VERSION) {
      return this.#fail(
        new ParleyError('unsupported_version', `This server speaks version ${PROTOCOL_VERSION}.`, {
          kind: 'invalid_argument',
          details: { min: PROTOCOL_VERSION, max: PROTOCOL_VERSION },
        }),
      );
    }
    this.#phase = { name: 'opening' };
    this.#parts.opener.open(hello.token).then(
      (call) => this.#opened(call),
      (thrown: unknown) => this.#fail(toParleyError(thrown)),
    );
  }

  #opened(call: OpenedCall): void {
    if (this.#phase.name !== 'opening') return call.channel.close('ended');
    const downlink = new Downlink({
      transport: this.#transport,
      channel: call.channel,
      stopwatch: this.#stopwatch,
      metrics: this.#parts.metrics,
      onOver: (code, reason) => this.#close(code, reason),
      onLost: (error) => this.#fail(error),
    });
    this.#phase = { name: 'live', call, downlink };
    downlink.start();
  }

  #accept(message: ClientMessage, json: string): void {
    if (message.type === 'hello') return this.hello(message);
    if (message.type === 'ping') {
      return this.#send({ type: 'pong', ...(message.t === undefined ? {} : { t: message.t }) });
    }
    if (this.#phase.name !== 'live') throw notReady(this.#phase.name);
    const { channel } = this.#phase.call;
    switch (message.type) {
      case 'audio':
        return this.#acceptBase64(message.data, audioCodec(message.mimeType), FRAME_KIND.mic);
      case 'image':
        return this.#acceptBase64(message.data, imageCodec(message.mimeType), FRAME_KIND.video);
      case 'text':
        this.#stopwatch.textMessage();
        break;
      case 'interrupt':
        this.#stopwatch.interruptMessage();
        break;
      case 'activityStart':
      case 'activityEnd':
      case 'audioStreamEnd':
      case 'playback':
      case 'end':
        break;
    }
    if (!channel.sendControl(new TextEncoder().encode(json))) {
      throw new ParleyError('rate_limited', 'The agent is too far behind.', {
        kind: 'resource_exhausted',
        retryable: true,
      });
    }
  }

  #acceptBase64(payload: Uint8Array, codec: MediaFrame['codec'], kind: MediaFrame['kind']): void {
    const frame: MediaFrame = { kind, codec, flags: 0, turn: 0, seq: 0, tsMs: 0, payload };
    this.#acceptMedia(frame, encodeFrame(frame));
  }

  #acceptMedia(frame: MediaFrame, bytes: Uint8Array): void {
    const problem = checkClientFrame(frame);
    if (problem) return this.#refuse(frameError(problem));
    if (this.#phase.name !== 'live') return this.#refuse(notReady(this.#phase.name));
    if (frame.kind === FRAME_KIND.mic && isVoiced(frame.payload, VOICED_DBFS)) this.#stopwatch.voicedFrame();
    this.#phase.call.channel.sendMedia(bytes, 0);
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
    this.#refuse(
      new ParleyError('rate_limited', 'Too many messages.', {
        kind: 'resource_exhausted',
        retryable: true,
        retryAfterMs: 1_000,
      }),
    );
    return false;
  }

  /** Answers a bad message; ends the connection only where the error table says so. */
  #refuse(error: ParleyError, message?: ClientMessage): void {
    if (ERROR_TABLE[error.code].scope === 'connection') return this.#fail(error);
    this.#parts.metrics.count('live_protocol_errors_total', { code: error.code });
    const ref = message && 'id' in message ? message.id : undefined;
    this.#send({ type: 'error', error: toWireError(error, ref === undefined ? {} : { ref }) });
  }

  #fail(error: ParleyError): void {
    if (this.#phase.name === 'closed') return;
    const requestId = newId('req');
    this.#parts.metrics.count('live_protocol_errors_total', { code: error.code });
    if (error.kind === 'internal')
      this.#parts.log.error('a connection failed', { requestId, code: error.code, error });
    this.#send({ type: 'error', error: toWireError(error, { fatal: true, requestId }) });
    this.#close(ERROR_TABLE[error.code].close, error.code);
  }

  #close(code: number, reason: string): void {
    const phase = this.#phase;
    if (phase.name === 'closed') return;
    this.#phase = { name: 'closed' };
    if (phase.name === 'awaiting-hello') phase.cancelDeadline();
    if (phase.name === 'live') phase.call.channel.close('ended');
    this.#parts.metrics.count('live_ws_closes_total', { code: String(code) });
    this.#transport.close(code, reason);
  }

  /** Ends the connection from this side, as when the gateway drains. */
  end(error?: ParleyError): void {
    if (error) this.#fail(error);
    else this.#close(CLOSE_NORMAL, 'ended');
  }

  #send(message: ServerMessage): void {
    if (this.#phase.name === 'closed') return;
    this.#transport.sendText(JSON.stringify(message));
    if (this.#transport.bufferedBytes() <= MAX_CLIENT_BACKLOG_BYTES) return;
    this.#close(ERROR_TABLE.slow_consumer.close, 'slow_consumer');
  }
}

function notReady(phase: Exclude<Phase['name'], 'live'>): ParleyError {
  return phase === 'awaiting-hello'
    ? new ParleyError('unauthenticated', 'Say hello with a token first.', { kind: 'unauthenticated' })
    : new ParleyError('invalid_message', 'Wait for "ready".', {
        kind: 'failed_precondition',
        retryable: true,
      });
}

const FRAME_PROBLEMS: Readonly<Record<FrameProblem, string>> = {
  malformed_frame:
    'The frame is not valid: see the header in docs/protocol.md; PCM16 has an even number of bytes.',
  unsupported_version: 'The frame has another version than 1.',
  unsupported_audio: 'Send PCM16 mono at 16,000 Hz, or JPEG, PNG or WebP images.',
  frame_too_large: 'The message is too large: at most 200 ms and 16 KiB of audio, 256 KiB of anything.',
};

function frameError(problem: FrameProblem): ParleyError {
  return new ParleyError(problem, FRAME_PROBLEMS[problem], { kind: 'invalid_argument' });
}

function audioCodec(mimeType: string): MediaFrame['codec'] {
  if (/^audio\/(pcm|l16)\s*(;\s*rate=16000)?$/i.test(mimeType)) return FRAME_CODEC.pcm16at16k;
  throw frameError('unsupported_audio');
}

function imageCodec(mimeType: 'image/jpeg' | 'image/png' | 'image/webp'): MediaFrame['codec'] {
  return { 'image/jpeg': FRAME_CODEC.jpeg, 'image/png': FRAME_CODEC.png, 'image/webp': FRAME_CODEC.webp }[
    mimeType
  ];
}
