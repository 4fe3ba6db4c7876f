import type { Event } from '@parley/event';
import { newId, type Clock, type ParleyError } from '@parley/kernel';
import type { LiveLine, LiveModelInfo, LiveRequestQueue, SessionKey } from '@parley/live';
import type { CloseReason, FrameChannel } from '@parley/relay';
import type { Metrics } from '@parley/telemetry';
import {
  DOWN_KIND,
  encodeDownControl,
  toWireError,
  type EndReason,
  type Reception,
  type RelayOpen,
  type ResumedMessage,
} from '@parley/wire';
import { Attachment } from './attachment.js';
import { Downlink, type DownMessage } from './downlink.js';
import { readyMessage, resumedMessage } from './greeting.js';
import { RunWriters } from './run-writers.js';
import type { TakeOver } from './take-over.js';
import { Uplink } from './uplink.js';

export interface RunClientOptions {
  readonly key: SessionKey;
  readonly liveId: string;
  readonly model: LiveModelInfo;
  readonly queue: LiveRequestQueue;
  /** How the run begins, or goes on, here. */
  readonly from: TakeOver;
  /** How long the run waits for a client that is away. */
  readonly detachWindowMs: number;
  /** Whether anything may leave this process at all. */
  readonly mayLeave: () => boolean;
  /** The client has come, with this number. */
  readonly onAttached: (attach: number) => void;
  /** The client came or went. */
  readonly onPresence: () => void;
  /** The client is done, or did not come back. */
  readonly onEnd: (reason: EndReason) => void;
  readonly onCrash?: () => void;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** The model is there. */
export interface ReadyRun {
  readonly line: LiveLine;
  /** Events that the session had when the run began here. */
  readonly remembered: number;
  /** How the model came to know what was said before. */
  readonly mode: Exclude<ResumedMessage['mode'], 'live'>;
}

/** A client that has attached and waits for word that the model is there. */
interface Waiting {
  readonly reception: Reception | undefined;
  readonly recovered: boolean;
  readonly sinceMs: number;
}

/**
 * The client of a run, as its worker sees it: here or away, and whoever else writes to the run.
 *
 * 1. A client to which the call is new is told `ready`; one that has had some of it `resumed`, and gets what it missed.
 * 2. Until `over` everything that the run tells is kept for a client that is away, as far as the memory goes.
 * 3. What a message comes to (`ack`, `error`) is told to the client and to the writer that sent it.
 */
export class RunClient {
  readonly #options: RunClientOptions;
  readonly #attachment: Attachment;
  readonly #writers = new RunWriters();
  readonly #downlink: Downlink;
  #uplink: Uplink | undefined;
  #ready: ReadyRun | undefined;
  #waiting: Waiting | undefined;

  constructor(options: RunClientOptions) {
    const { clock, from, detachWindowMs, mayLeave, onEnd } = options;
    const { unseen, entry, continuation, toldSeq } = from;
    const { turn = 0, turnOpen = false } = continuation ?? {};
    this.#options = options;
    this.#downlink = new Downlink(clock, { seq: toldSeq, turn, turnOpen }, mayLeave);
    this.#downlink.tellStored(unseen, Math.max(1, turn));
    this.#attachment = new Attachment({
      clock,
      windowMs: detachWindowMs,
      last: entry.attach,
      onExpired: () => onEnd('idle'),
    });
  }

  get downlink(): Downlink {
    return this.#downlink;
  }

  get detached(): boolean {
    return this.#attachment.state.kind === 'detached';
  }

  /** Whether nobody can attach any more. */
  get closed(): boolean {
    return this.#attachment.closed;
  }

  /** Throws `ParleyError` `unauthenticated` for one who comes late. Whoever was attached is told `superseded`. */
  attach(channel: FrameChannel, { after, reception }: RelayOpen): void {
    this.#attachment.admit(after);
    this.#uplink?.close();
    this.#attachment.attach(channel)?.close('superseded');
    this.#options.onAttached(this.#attachment.number);
    this.#downlink.attach(channel);
    this.#downlink.say({ kind: DOWN_KIND.attached, turn: this.#attachment.number, json: '' });
    this.#greet(reception);
    this.#listen(channel);
    this.#options.onPresence();
  }

  /** Throws `ParleyError` `unauthenticated` for one who comes late, and `rate_limited` when too many write. */
  write(channel: FrameChannel, { after }: RelayOpen): void {
    this.#attachment.admitWriter(after);
    this.#writers.add(channel, this.#uplinkOf(channel));
  }

  becomeReady(ready: ReadyRun): void {
    this.#ready = ready;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) this.#sayHello(waiting, ready, ready.mode);
  }

  deliver(event: Event): void {
    this.#downlink.deliver(event);
  }

  acknowledge(id: string): void {
    this.#answer(id, { kind: DOWN_KIND.ack, id, json: JSON.stringify({ type: 'ack', id }) });
  }

  sayEnded(reason: EndReason): void {
    this.#downlink.say({ kind: DOWN_KIND.ended, json: JSON.stringify({ type: 'ended', reason }) });
  }

  sayFailed(failure: ParleyError): void {
    const error = toWireError(failure, { fatal: true, requestId: newId('req') });
    this.#downlink.say({ kind: DOWN_KIND.failed, json: JSON.stringify({ type: 'error', error }) });
  }

  /** Tells of what came up by now how much is settled. */
  settle(): void {
    this.#uplink?.settle();
  }

  /** Nobody attaches, nothing is taken and nothing leaves any more; the channels stay open until `close`. Idempotent. */
  over(kind: 'moving' | 'ending'): void {
    this.#attachment.close(kind);
    this.#uplink?.close();
    this.#downlink.detach();
    this.#options.onPresence();
  }

  /** Closes what is open, after `last`. */
  close(reason: CloseReason, last?: DownMessage): void {
    const { channel } = this.#attachment;
    if (last) channel?.sendControl(encodeDownControl(last));
    channel?.close(reason);
    this.#writers.close(reason, last);
  }

  #greet(reception: Reception | undefined): void {
    const { clock, metrics } = this.#options;
    const nothing = { recovered: true, sent: [] };
    const { recovered, sent } = reception ? this.#downlink.since(reception) : nothing;
    const waiting = { reception, recovered, sinceMs: clock.monotonicMs() };
    if (this.#ready) this.#sayHello(waiting, this.#ready, 'live');
    else this.#waiting = { ...waiting, recovered: recovered && this.#options.from.recovered };
    this.#downlink.replay(sent);
    const messages = sent.filter(({ kind }) => kind === 'message').length;
    if (messages > 0) metrics.count('live_replayed_messages_total', {}, messages);
  }

  #sayHello({ reception, recovered, sinceMs }: Waiting, ready: ReadyRun, mode: ResumedMessage['mode']): void {
    const { key, liveId, model, clock } = this.#options;
    const hereMs = clock.monotonicMs() - sinceMs;
    this.#downlink.say(
      reception
        ? resumedMessage(reception, { recovered, mode, hereMs })
        : readyMessage(key, liveId, model, ready.remembered),
    );
  }

  #listen(channel: FrameChannel): void {
    const uplink = this.#uplinkOf(channel);
    this.#uplink = uplink;
    channel.listen({
      onControl: (bytes) => uplink.control(bytes),
      onMedia: (frame) => uplink.media(frame),
      onClose: (outcome) => {
        uplink.close();
        if (this.#attachment.channel !== channel || this.#attachment.closed) return;
        this.#attachment.detach();
        this.#downlink.detach();
        if (outcome === 'ended') this.#options.onEnd('client');
        this.#options.onPresence();
      },
      onMediaDropped: (frames, _bytes, reason) =>
        this.#options.metrics.count('live_dropped_frames_total', { dir: 'down', reason }, frames),
    });
  }

  #uplinkOf(channel: FrameChannel): Uplink {
    const { clock, queue, mayLeave, onCrash, onEnd } = this.#options;
    const tell = (message: DownMessage): void => void channel.sendControl(encodeDownControl(message));
    return new Uplink({
      queue,
      clock,
      mayLeave,
      // what waits for the model is in nobody's memory but this
      unsettledMs: () => this.#ready?.line.unsettledAudioMs ?? Infinity,
      onSettled: (frames) => tell({ kind: DOWN_KIND.settled, turn: frames, json: '' }),
      onNamed: (id) => this.#awaits(id, channel),
      onEnd: () => onEnd('client'),
      onProblem: (error, ref) => this.#tellProblem(error, ref, channel),
      ...(onCrash ? { onCrash } : {}),
    });
  }

  #awaits(id: string, channel: FrameChannel): void {
    if (channel !== this.#attachment.channel) this.#writers.awaits(id, channel);
  }

  #answer(id: string, message: DownMessage): void {
    this.#downlink.say(message);
    this.#writers.answer(id, message);
  }

  #tellProblem(problem: ParleyError, ref: string | undefined, channel: FrameChannel): void {
    const error = toWireError(problem, { fatal: false, ...(ref === undefined ? {} : { ref }) });
    const message = { kind: DOWN_KIND.message, json: JSON.stringify({ type: 'error', error }) };
    this.#downlink.say(message);
    if (channel !== this.#attachment.channel) channel.sendControl(encodeDownControl(message));
  }
}
