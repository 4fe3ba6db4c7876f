import { newId, systemClock, type CancelTimer, type Clock } from '@parley/kernel';
import type { ClientMessageInput, ReadyMessage } from '@parley/wire';
import type { CallEnd } from './call-end.js';
import { Connection, type CallMessage } from './connection.js';
import { Downlink } from './downlink.js';
import { Emitter } from './emitter.js';
import type { LiveEvents, LiveStats } from './live-events.js';
import type { OutboundLimits } from './outbound-buffer.js';
import type { SpeakingState } from './speaking-state.js';
import type { LiveTransport } from './transport.js';
import { Uplink, type ImageType } from './uplink.js';

export interface CallOptions {
  /** The client token of `POST /v1/sessions`. */
  readonly token: string;
  /** From dialling to `ready`; by default 15 s. */
  readonly readyTimeoutMs?: number;
  /** False: the call ends with its line. By default it goes on over another one where the server gives a way back. */
  readonly reconnect?: false | ReconnectOptions;
  /** Length of the audio frames sent, 20–100 ms; by default 40. */
  readonly frameMs?: number;
  readonly outbound?: OutboundLimits;
  readonly clock?: Clock;
  /** 0…1, for the pauses between attempts. */
  readonly random?: () => number;
}

export interface ReconnectOptions {
  /** The longest pause between two attempts; by default 10 s. */
  readonly maxDelayMs?: number;
}

/** `dial` makes a new transport for each line of the call. With one `transport` there is no other line. */
export type ParleyClientOptions = CallOptions &
  ({ readonly dial: () => LiveTransport } | { readonly transport: LiveTransport });

/** `reconnecting`: between two lines. Only before `live` and after `closed` nothing can be said. */
export type CallPhase = 'new' | 'opening' | 'live' | 'reconnecting' | 'closed';

const READY_TIMEOUT_MS = 15_000;
const MAX_RETRY_DELAY_MS = 10_000;
/** How long the server may take to end a call that was asked to. */
const END_GRACE_MS = 2_000;

/**
 * One call: the client's end of a live conversation, from dialling to its end, over as many lines as it takes.
 *
 * 1. The first message on a line is `hello`; nothing else goes out before the server has taken it.
 * 2. `closed` is told exactly once and last; after it nothing is sent and no timer runs.
 * 3. What is sent before the call is live or after its end is not sent later: audio, images and reports vanish,
 *    messages answer false. What is sent while it reconnects waits, within the bounds of `OutboundLimits`.
 * 4. A text that was taken (`sendText` answered true) is sent until the server has answered it or the call is over.
 */
export class ParleyClient {
  /** Resolves with what the event `closed` tells. */
  readonly closed: Promise<CallEnd>;
  readonly #clock: Clock;
  readonly #emitter = new Emitter<LiveEvents>();
  readonly #downlink: Downlink;
  readonly #uplink: Uplink;
  readonly #connection: Connection;
  #cancelEnd: CancelTimer | undefined;
  #ignored = 0;

  constructor(options: ParleyClientOptions) {
    this.closed = new Promise((resolve) => this.#emitter.on('closed', resolve));
    this.#clock = options.clock ?? systemClock;
    this.#downlink = new Downlink(this.#emitter, this.#clock);
    this.#uplink = new Uplink(this.#clock, {
      frameMs: options.frameMs ?? 40,
      ...(options.outbound ? { limits: options.outbound } : {}),
    });
    this.#connection = this.#connectionOf(options);
  }

  on<Name extends keyof LiveEvents>(name: Name, listener: (payload: LiveEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  get phase(): CallPhase {
    return this.#connection.phase;
  }

  /** Whether the call has a line now. */
  get live(): boolean {
    return this.phase === 'live';
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
      reconnects: this.#connection.reconnects,
      roundTripMs: this.#connection.roundTripMs,
    };
  }

  /**
   * Dials and says hello. Call once; add listeners before.
   * Rejects with the server's error, with `hello_timeout` when `ready` does not come in time, and with
   * `control_plane_unavailable` when the line closes without a reason. Nothing is tried again before `ready`.
   */
  connect(): Promise<ReadyMessage> {
    return this.#connection.open();
  }

  /**
   * `delivered` tells when the text is in the session; an `id` (1–64 characters, new for each text) is made where none
   * is given. False when it was not taken: the call is not live, or 64 texts wait for their answer already.
   */
  sendText(text: string, id: string = newId('m')): boolean {
    if (!this.#open || !this.#uplink.text({ type: 'text', id, text })) return false;
    this.#downlink.typed(text);
    return true;
  }

  /** Microphone audio: PCM16 mono 16 kHz (bytes are little-endian), any length. */
  sendAudio(pcm: Int16Array | Uint8Array): void {
    if (!this.#open) return;
    const agoMs = this.#uplink.speech(pcm);
    if (agoMs !== undefined) this.#downlink.spoken(agoMs);
  }

  /** A picture, or a frame of the camera (about one a second). At most 256 KiB. */
  sendImage(data: Uint8Array, mimeType: ImageType = 'image/jpeg'): void {
    if (this.#open) this.#uplink.image(data, mimeType);
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
   * Skipped while the line is slow or away, because the next report says more, but not when it is the `last` of its
   * turn.
   */
  reportPlayback(turn: number, ms: number, { last = false }: { readonly last?: boolean } = {}): void {
    if (!this.#open) return;
    this.#downlink.played(turn, ms);
    const report = { type: 'playback', turn, ms } as const;
    if (last) this.#uplink.message(report);
    else this.#uplink.messageUnlessCongested(report);
  }

  /** Asks the server to end the call, and hangs up when that takes too long. The session stays. */
  end(): void {
    if (!this.#send({ type: 'end' })) return this.close();
    this.#cancelEnd ??= this.#clock.after(END_GRACE_MS, () => this.close());
  }

  /**
   * Hangs up at once. Idempotent. A server that can not be reached just then keeps the call until its window has
   * passed.
   */
  close(): void {
    this.#connection.close();
  }

  /** Something can be said. */
  get #open(): boolean {
    return this.phase === 'live' || this.phase === 'reconnecting';
  }

  #send(message: ClientMessageInput): boolean {
    return this.#open && this.#uplink.message(message);
  }

  #flushSpeech(): void {
    if (this.#open) this.#uplink.flushSpeech();
  }

  #connectionOf(options: ParleyClientOptions): Connection {
    const { token, readyTimeoutMs = READY_TIMEOUT_MS, reconnect, random = Math.random } = options;
    const once = 'transport' in options;
    const maxDelayMs = (reconnect || undefined)?.maxDelayMs ?? MAX_RETRY_DELAY_MS;
    const settings = {
      dial: once ? () => options.transport : options.dial,
      token,
      readyTimeoutMs,
      reconnect: once || reconnect === false ? (false as const) : { maxDelayMs, random },
    };
    return new Connection(this.#clock, settings, {
      received: () => this.#downlink.received(),
      lineUp: (transport) => this.#uplink.lineUp(transport),
      lineDown: () => this.#uplink.lineDown(),
      ready: (ready) => this.#emitter.emit('ready', ready),
      retrying: (retry) => this.#emitter.emit('reconnecting', retry),
      resumed: (resumed) => this.#downlink.resumed(resumed),
      message: (message) => this.#hear(message),
      unreadable: () => (this.#ignored += 1),
      frame: (bytes) => this.#downlink.frame(bytes),
      closed: (end) => this.#finish(end),
    });
  }

  #hear(message: CallMessage): void {
    switch (message.type) {
      case 'event':
        return this.#downlink.event(message);
      case 'latency':
        return this.#emitter.emit('latency', message);
      case 'inputDropped':
        return this.#emitter.emit('inputDropped', message);
      case 'goaway':
        return this.#emitter.emit('goAway', message);
      case 'ack':
        if (this.#uplink.textSettled(message.id)) this.#emitter.emit('delivered', { id: message.id });
        return;
      case 'error':
        if (message.error.fatal) return;
        if (message.error.ref !== undefined) this.#uplink.textSettled(message.error.ref);
        return this.#emitter.emit('error', message.error);
    }
  }

  #finish(end: CallEnd): void {
    this.#cancelEnd?.();
    this.#uplink.close();
    this.#downlink.speaking.close();
    if (end.error) this.#emitter.emit('error', end.error);
    this.#emitter.emit('closed', end);
    this.#emitter.clear();
  }
}
