import type { Blob, Content, FunctionResponse } from '@parley/event';
import type { Clock, Log } from '@parley/kernel';
import type { LiveConnection, LiveConnectionEnd, LiveConnectionListener } from '@parley/live';
import { AudioMessageReader } from './audio-messages.js';
import type { ModelCapabilities } from './capabilities.js';
import { classifyLoss } from './close-classifier.js';
import type { GeminiCounters } from './gemini-counters.js';
import { KeepAlive } from './keep-alive.js';
import { LiveUpstream } from './live-upstream.js';
import { OutboundGate, type MediaLoss } from './outbound-gate.js';
import { parseRecord } from './proto-json.js';
import type { ProviderSocket, SocketEnd } from './provider-socket.js';
import type { OpenedSession } from './sdk-connect.js';
import { mapServerMessage, type GeminiServerMessage } from './server-message-mapper.js';

export interface GeminiLiveConnectionOptions {
  readonly opened: OpenedSession;
  readonly capabilities: ModelCapabilities;
  readonly onVertex: boolean;
  readonly manualActivity: boolean;
  readonly history: readonly Content[];
  readonly clock: Clock;
  readonly pingEveryMs: number;
  readonly pongDeadlineMs: number;
  readonly closeGraceMs: number;
  readonly counters: GeminiCounters;
  readonly log: Log;
}

/** A peer that keeps sending what is no message is not one to stay with. */
const MAX_PROTOCOL_ERRORS = 20;

/** End code of this side when it gives a connection up without a close frame of the peer. */
const ABNORMAL_CLOSURE = 1006;

/**
 * One set-up connection to a Gemini Live model; implements the port's contract, and beyond it:
 *
 * 1. A frame that is not a message is counted and skipped; too many of them end the connection.
 * 2. What the listener throws is counted and goes nowhere.
 * 3. After `close` no message is delivered; `onEnd` follows when the socket is really gone, within `closeGraceMs`.
 *    So a new connection that starts after `onEnd` never overlaps with this one at the provider.
 * 4. Every timer and buffer ends with the socket.
 */
export class GeminiLiveConnection implements LiveConnection {
  readonly liveSessionId: string | undefined;
  readonly #socket: ProviderSocket;
  readonly #gate: OutboundGate;
  readonly #upstream: LiveUpstream;
  readonly #keepAlive: KeepAlive;
  readonly #audio = new AudioMessageReader();
  readonly #options: GeminiLiveConnectionOptions;
  #closing = false;
  #protocolErrors = 0;
  /** Why this side gave the connection up; what the socket then reports is only the consequence. */
  #givenUp: LiveConnectionEnd | undefined;

  constructor(options: GeminiLiveConnectionOptions) {
    const { opened, clock, pingEveryMs, pongDeadlineMs } = options;
    this.#options = options;
    this.liveSessionId = opened.sessionId;
    this.#socket = opened.socket;
    this.#gate = new OutboundGate({
      clock,
      socket: opened.socket,
      onDropped: (loss) => this.#countLoss(loss),
      onStuck: (why) => this.#giveUp(why),
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

  sendContent(content: Content): void {
    this.#upstream.content(content);
  }

  sendRealtime(blob: Blob): void {
    this.#upstream.realtime(blob);
  }

  sendActivityStart(): void {
    this.#upstream.activityStart();
  }

  sendActivityEnd(): void {
    this.#upstream.activityEnd();
  }

  sendAudioStreamEnd(): void {
    this.#upstream.audioStreamEnd();
  }

  sendToolResponse(responses: readonly FunctionResponse[]): void {
    this.#upstream.toolResponse(responses);
  }

  interrupt(): void {
    this.#upstream.interrupt();
  }

  listen(listener: LiveConnectionListener): void {
    this.#socket.attach({
      onFrame: (frame) => this.#receive(frame, listener),
      onEnd: (end) => this.#ended(end, listener),
    });
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#release();
    this.#socket.close(this.#options.closeGraceMs);
  }

  #receive(frame: Buffer, listener: LiveConnectionListener): void {
    const message = this.#read(frame);
    if (message && this.#givenUp === undefined) listener.onMessage(message);
  }

  #read(frame: Buffer): GeminiServerMessage | undefined {
    const { counters } = this.#options;
    const spoken = this.#audio.read(frame);
    if (spoken) counters.audioFastPath += 1;
    if (spoken?.kind === 'audio') return { parts: [{ inlineData: spoken.audio }] };
    const message = spoken?.message ?? parseRecord(frame.toString());
    if (!message) return this.#countBreach();
    if (!spoken) counters.messagesParsed += 1;
    return mapServerMessage(message);
  }

  #countBreach(): undefined {
    this.#options.counters.protocolErrors += 1;
    this.#protocolErrors += 1;
    if (this.#protocolErrors > MAX_PROTOCOL_ERRORS) this.#giveUp('too many frames that are no messages');
  }

  #ended(end: SocketEnd, listener: LiveConnectionListener): void {
    this.#release();
    if (this.#closing) return listener.onEnd({ kind: 'client_closed' });
    listener.onEnd(this.#givenUp ?? classifyLoss({ phase: 'session', ...end }));
  }

  #giveUp(reason: string): void {
    if (this.#closing || this.#givenUp) return;
    this.#options.log.warn('gave up a connection to the model', { reason });
    this.#givenUp = {
      kind: 'retryable',
      errorCode: 'provider_unavailable',
      closeCode: ABNORMAL_CLOSURE,
      reason,
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
