import type { Content } from '@parley/event';
import type { Clock, Log } from '@parley/kernel';
import type { LiveServerMessage } from '@parley/live';
import { AudioMessageReader } from './audio-messages.js';
import type { ModelCapabilities } from './capabilities.js';
import { classifyLoss, type LossVerdict } from './close-classifier.js';
import type { GeminiCounters } from './gemini-counters.js';
import { KeepAlive } from './keep-alive.js';
import { LiveUpstream } from './live-upstream.js';
import type { ModelInput, SentStamp } from './model-input.js';
import { OutboundGate, type MediaLoss } from './outbound-gate.js';
import { parseRecord } from './proto-json.js';
import type { ProviderSocket, SocketEnd } from './provider-socket.js';
import type { OpenedSession } from './sdk-connect.js';
import { mapServerMessage } from './server-message-mapper.js';

export interface GeminiSocketConnectionOptions {
  readonly opened: OpenedSession;
  readonly capabilities: ModelCapabilities;
  readonly onVertex: boolean;
  /** Said first, once. */
  readonly history: readonly Content[];
  readonly clock: Clock;
  readonly pingEveryMs: number;
  readonly pongDeadlineMs: number;
  readonly closeGraceMs: number;
  readonly counters: GeminiCounters;
  readonly log: Log;
}

/** How one socket ended. `congested`: this side gave it up, because the peer took no data. */
export type SocketConnectionEnd =
  | { readonly kind: 'closed' }
  | { readonly kind: 'lost'; readonly verdict: LossVerdict; readonly congested: boolean };

export interface SocketConnectionSink {
  onMessage(message: LiveServerMessage): void;
  onEnd(end: SocketConnectionEnd): void;
}

/** A peer that keeps sending what is no message is not one to stay with. */
const MAX_PROTOCOL_ERRORS = 20;

/** End code of this side when it gives a connection up without a close frame of the peer. */
const ABNORMAL_CLOSURE = 1006;

/**
 * One socket to a Gemini Live model, from its accepted set-up to its end.
 *
 * 1. `listen` is called once; messages that came before are delivered at once, then each as it arrives, in order.
 * 2. A frame that is not a message is counted and skipped; too many of them end the connection.
 * 3. `onEnd` is called exactly once. After `close` no message is delivered; `onEnd` follows when the socket is really
 *    gone, within `closeGraceMs`. So a connection that is opened after it never overlaps with this one at the provider.
 * 4. Every timer and buffer ends with the socket.
 */
export class GeminiSocketConnection {
  readonly liveSessionId: string | undefined;
  readonly #socket: ProviderSocket;
  readonly #gate: OutboundGate;
  readonly #upstream: LiveUpstream;
  readonly #keepAlive: KeepAlive;
  readonly #audio = new AudioMessageReader();
  readonly #options: GeminiSocketConnectionOptions;
  #closing = false;
  #protocolErrors = 0;
  /** Why this side gave the connection up; what the socket then reports is only the consequence. */
  #givenUp: SocketConnectionEnd | undefined;

  constructor(options: GeminiSocketConnectionOptions) {
    const { opened, clock, pingEveryMs, pongDeadlineMs } = options;
    this.#options = options;
    this.liveSessionId = opened.sessionId;
    this.#socket = opened.socket;
    this.#gate = new OutboundGate({
      clock,
      socket: opened.socket,
      onDropped: (loss) => this.#countLoss(loss),
      onStuck: (why) => this.#giveUp(why, true),
    });
    opened.adapter.sendThrough(this.#gate);
    this.#upstream = new LiveUpstream({ ...options, session: opened.session, gate: this.#gate });
    this.#keepAlive = new KeepAlive({
      clock,
      socket: opened.socket,
      pingEveryMs,
      deadlineMs: pongDeadlineMs,
      onSilence: (silentMs) => this.#giveUp(`no sign of life for ${Math.round(silentMs / 1_000)} s`),
    });
    this.#upstream.seed(options.history);
  }

  get bufferedBytes(): number {
    return this.#gate.bufferedBytes;
  }

  /** Hands `input` over; `stamp` gets its number when it leaves. After the end it does nothing. */
  say(input: ModelInput, stamp: SentStamp): void {
    this.#gate.stamped(stamp, () => this.#upstream.say(input));
  }

  ping(): void {
    this.#socket.ping();
  }

  listen(sink: SocketConnectionSink): void {
    this.#socket.attach({
      onFrame: (frame) => this.#receive(frame, sink),
      onEnd: (end) => this.#ended(end, sink),
    });
  }

  /** `graceMs` instead of the configured time, if it is less; also when it is closing already. */
  close(graceMs = Number.POSITIVE_INFINITY): void {
    if (!this.#closing) this.#release();
    this.#closing = true;
    this.#socket.close(Math.min(graceMs, this.#options.closeGraceMs));
  }

  #receive(frame: Buffer, sink: SocketConnectionSink): void {
    const message = this.#read(frame);
    if (message && this.#givenUp === undefined) sink.onMessage(message);
  }

  #read(frame: Buffer): LiveServerMessage | undefined {
    const { counters } = this.#options;
    const spoken = this.#audio.read(frame);
    if (spoken) counters.audioFastPath += 1;
    if (spoken?.kind === 'audio') return { parts: [{ inlineData: spoken.audio }] };
    const message = spoken?.message ?? parseRecord(frame.toString());
    if (!message) return this.#countBreach();
    if (!spoken) counters.messagesParsed += 1;
    return mapServerMessage(message, this.#options.capabilities.inputTranscriptionIsFinal);
  }

  #countBreach(): undefined {
    this.#options.counters.protocolErrors += 1;
    this.#protocolErrors += 1;
    if (this.#protocolErrors > MAX_PROTOCOL_ERRORS) this.#giveUp('too many frames that are no messages');
  }

  #ended(end: SocketEnd, sink: SocketConnectionSink): void {
    this.#release();
    if (this.#closing) return sink.onEnd({ kind: 'closed' });
    const verdict = classifyLoss({ phase: 'session', ...end });
    sink.onEnd(this.#givenUp ?? { kind: 'lost', verdict, congested: false });
  }

  #giveUp(reason: string, congested = false): void {
    if (this.#closing || this.#givenUp) return;
    this.#options.log.warn('gave up a connection to the model', { reason });
    this.#givenUp = {
      kind: 'lost',
      congested,
      verdict: {
        kind: 'retryable',
        errorCode: 'provider_unavailable',
        about: 'service',
        closeCode: ABNORMAL_CLOSURE,
        reason,
      },
    };
    this.#release();
    this.#socket.terminate();
  }

  #release(): void {
    this.#keepAlive.close();
    this.#gate.close();
  }

  #countLoss(loss: MediaLoss): void {
    const { counters } = this.#options;
    if ('audioMs' in loss) counters.droppedAudioMs += loss.audioMs;
    else counters.droppedImages += loss.images;
  }
}
