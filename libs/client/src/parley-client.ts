import { systemClock, ParleyError, type CancelTimer, type Clock } from '@parley/kernel';
import {
  CLOSE_NORMAL,
  PROTOCOL_VERSION,
  type ClientMessageInput,
  type EndReason,
  type ReadyMessage,
  type ServerMessage,
  type WireError,
} from '@parley/wire';
import { callEnd, connectError, type CallEnd } from './call-end.js';
import { Downlink } from './downlink.js';
import { Emitter } from './emitter.js';
import { Heartbeat } from './heartbeat.js';
import type { LiveEvents, LiveStats } from './live-events.js';
import type { OutboundLimits } from './outbound-buffer.js';
import { readServerMessage } from './server-message-reader.js';
import type { SpeakingState } from './speaking-state.js';
import type { LiveTransport, TransportEnd } from './transport.js';
import { Uplink, type ImageType } from './uplink.js';

export interface ParleyClientOptions {
  readonly transport: LiveTransport;
  /** The client token of `POST /v1/sessions`. */
  readonly token: string;
  /** From dialling to `ready`; by default 15 s. */
  readonly readyTimeoutMs?: number;
  /** Length of the audio frames sent, 20–100 ms; by default 40. */
  readonly frameMs?: number;
  readonly outbound?: OutboundLimits;
  readonly clock?: Clock;
}

type Phase =
  | { readonly name: 'new' | 'closed' }
  | { readonly name: 'opening'; readonly cancelDeadline: CancelTimer; readonly settle: Settle }
  | { readonly name: 'live'; readonly heartbeat: Heartbeat };

interface Settle {
  readonly resolve: (ready: ReadyMessage) => void;
  readonly reject: (error: ParleyError) => void;
}

const READY_TIMEOUT_MS = 15_000;
/** How long the server may take to end a call that was asked to. */
const END_GRACE_MS = 2_000;

/**
 * One call: the client's end of a live connection, from dialling to its end.
 *
 * 1. The first message out is `hello`; nothing else goes out before `ready`.
 * 2. `closed` is told exactly once and last; after it nothing is sent and no timer runs.
 * 3. What is sent while the call is not live is not sent later: audio, images and reports vanish, messages answer
 *    false.
 */
export class ParleyClient {
  /** Resolves with what the event `closed` tells. */
  readonly closed: Promise<CallEnd>;
  readonly #transport: LiveTransport;
  readonly #clock: Clock;
  readonly #options: ParleyClientOptions;
  readonly #emitter = new Emitter<LiveEvents>();
  readonly #downlink: Downlink;
  readonly #uplink: Uplink;
  #phase: Phase = { name: 'new' };
  #lastError: WireError | undefined;
  #ended: EndReason | undefined;
  #cancelEnd: CancelTimer | undefined;
  #ignored = 0;
  #roundTripMs: number | undefined;

  constructor(options: ParleyClientOptions) {
    this.#options = options;
    this.closed = new Promise((resolve) => this.#emitter.on('closed', resolve));
    this.#transport = options.transport;
    this.#clock = options.clock ?? systemClock;
    this.#downlink = new Downlink(this.#emitter, this.#clock);
    this.#uplink = new Uplink(this.#transport, this.#clock, {
      frameMs: options.frameMs ?? 40,
      ...(options.outbound ? { limits: options.outbound } : {}),
    });
  }

  on<Name extends keyof LiveEvents>(name: Name, listener: (payload: LiveEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  get live(): boolean {
    return this.#phase.name === 'live';
  }

  get speaking(): SpeakingState {
    return this.#downlink.speaking.state;
  }

  /** How much of the agent's audio has come but not been played yet, if it is played as it comes. */
  get agentAudioLeftMs(): number {
    return this.#downlink.speaking.agentAudioLeftMs;
  }

  get stats(): LiveStats {
    const { unreadable, ...counts } = this.#downlink.counts;
    return {
      ...counts,
      ...this.#uplink.counts,
      ignored: this.#ignored + unreadable,
      roundTripMs: this.#roundTripMs,
    };
  }

  /**
   * Dials and says hello. Call once; add listeners before.
   * Rejects with the server's error, with `hello_timeout` when `ready` does not come in time, and with
   * `control_plane_unavailable` when the line closes without a reason.
   */
  connect(): Promise<ReadyMessage> {
    if (this.#phase.name !== 'new') throw new Error('A client makes one call; make another client.');
    return new Promise<ReadyMessage>((resolve, reject) => {
      const afterMs = this.#options.readyTimeoutMs ?? READY_TIMEOUT_MS;
      const cancelDeadline = this.#clock.after(afterMs, () => this.#giveUp(afterMs));
      this.#phase = { name: 'opening', cancelDeadline, settle: { resolve, reject } };
      this.#transport.open({
        opened: () => {
          this.#transport.sendMessage({ type: 'hello', v: PROTOCOL_VERSION, token: this.#options.token });
        },
        message: (value) => this.#receive(value),
        frame: (bytes) => this.#receiveFrame(bytes),
        closed: (end) => this.#finish(end),
      });
    });
  }

  sendText(text: string, id?: string): boolean {
    if (!this.#send({ type: 'text', text, ...(id === undefined ? {} : { id }) })) return false;
    this.#downlink.typed(text);
    return true;
  }

  /** Microphone audio: PCM16 mono 16 kHz (bytes are little-endian), any length. */
  sendAudio(pcm: Int16Array | Uint8Array): void {
    if (!this.live) return;
    const agoMs = this.#uplink.speech(pcm);
    if (agoMs !== undefined) this.#downlink.spoken(agoMs);
  }

  /** A picture, or a frame of the camera (about one a second). At most 256 KiB. */
  sendImage(data: Uint8Array, mimeType: ImageType = 'image/jpeg'): void {
    if (this.live) this.#uplink.image(data, mimeType);
  }

  activityStart(): boolean {
    return this.#send({ type: 'activityStart' });
  }

  activityEnd(): boolean {
    this.#flushSpeech();
    if (!this.#send({ type: 'activityEnd' })) return false;
    this.#downlink.speaking.agentWorks();
    return true;
  }

  /** The microphone is off. */
  audioStreamEnd(): boolean {
    this.#flushSpeech();
    return this.#send({ type: 'audioStreamEnd' });
  }

  /** Stops what the agent is saying: here at once, at the server when it hears of it. */
  interrupt(): boolean {
    if (!this.#send({ type: 'interrupt' })) return false;
    this.#downlink.mute();
    return true;
  }

  /**
   * How much of the turn has been heard; the session then keeps of an interrupted answer what was heard of it.
   * Skipped while the line is slow, because the next report says more, but not when it is the `last` of its turn.
   */
  reportPlayback(turn: number, ms: number, { last = false }: { readonly last?: boolean } = {}): void {
    const report = { type: 'playback', turn, ms } as const;
    if (last) this.#send(report);
    else if (this.live) this.#uplink.messageUnlessCongested(report);
  }

  /** Asks the server to end the call, and hangs up when that takes too long. The session stays. */
  end(): void {
    if (!this.#send({ type: 'end' })) return this.close();
    this.#cancelEnd ??= this.#clock.after(END_GRACE_MS, () => this.close());
  }

  /** Hangs up at once. Idempotent. */
  close(): void {
    if (this.#phase.name === 'new') this.#finish({ code: CLOSE_NORMAL, reason: 'client' });
    else if (this.#phase.name !== 'closed') this.#transport.close(CLOSE_NORMAL, 'client');
  }

  #send(message: ClientMessageInput): boolean {
    return this.live && this.#uplink.message(message);
  }

  #flushSpeech(): void {
    if (this.live) this.#uplink.flushSpeech();
  }

  #receive(value: unknown): void {
    const message = readServerMessage(value);
    if (this.#phase.name === 'live') this.#phase.heartbeat.sign();
    if (message) this.#handle(message);
    else this.#ignored += 1;
  }

  #receiveFrame(bytes: Uint8Array): void {
    if (this.#phase.name !== 'live') return;
    this.#phase.heartbeat.sign();
    this.#downlink.frame(bytes);
  }

  #handle(message: ServerMessage): void {
    switch (message.type) {
      case 'ready':
        return this.#becomeLive(message);
      case 'event':
        return this.#downlink.event(message);
      case 'latency':
        return this.#emitter.emit('latency', message);
      case 'inputDropped':
        return this.#emitter.emit('inputDropped', message);
      case 'goaway':
        return this.#emitter.emit('goAway', message);
      case 'error':
        if (message.error.fatal) this.#lastError = message.error;
        return this.#emitter.emit('error', message.error);
      case 'ended':
        this.#ended = message.reason;
        return;
      case 'pong':
        if (this.#phase.name !== 'live') return;
        this.#phase.heartbeat.pong(message.t);
        this.#roundTripMs = this.#phase.heartbeat.roundTripMs;
        return;
    }
  }

  #becomeLive(ready: ReadyMessage): void {
    if (this.#phase.name !== 'opening') return;
    const { settle, cancelDeadline } = this.#phase;
    cancelDeadline();
    const heartbeat = new Heartbeat(this.#clock, {
      ping: (t) => this.#send({ type: 'ping', t }),
      lost: () => this.#transport.close(4408, 'The server does not answer any more.'),
    });
    this.#phase = { name: 'live', heartbeat };
    this.#emitter.emit('ready', ready);
    settle.resolve(ready);
  }

  #giveUp(afterMs: number): void {
    if (this.#phase.name !== 'opening') return;
    const message = `The server did not get ready within ${afterMs / 1000} s.`;
    this.#phase.settle.reject(
      new ParleyError('hello_timeout', message, { kind: 'deadline_exceeded', retryable: true }),
    );
    this.#transport.close(CLOSE_NORMAL, message);
  }

  #finish(line: TransportEnd): void {
    const phase = this.#phase;
    if (phase.name === 'closed') return;
    this.#phase = { name: 'closed' };
    if (phase.name === 'live') phase.heartbeat.close();
    this.#cancelEnd?.();
    this.#uplink.close();
    this.#downlink.speaking.close();
    const end = callEnd(line, { error: this.#lastError, ended: this.#ended });
    if (phase.name === 'opening') {
      phase.cancelDeadline();
      phase.settle.reject(connectError(end));
    }
    this.#emitter.emit('closed', end);
    this.#emitter.clear();
  }
}
