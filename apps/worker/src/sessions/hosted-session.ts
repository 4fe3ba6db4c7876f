import { newId, sleep, toParleyError, type Clock, type Log, type ParleyError } from '@parley/kernel';
import {
  LiveRequestQueue,
  type LiveModelInfo,
  type Runner,
  type RunConfig,
  type SessionKey,
} from '@parley/live';
import type { FrameChannel } from '@parley/relay';
import type { Metrics } from '@parley/telemetry';
import { DOWN_KIND, PROTOCOL_VERSION, toWireError, type EndReason } from '@parley/wire';
import { DownlinkPacer } from './downlink-pacer.js';
import { EventDownlink } from './event-downlink.js';
import { Uplink } from './uplink.js';

/** How long the last frames may take to leave after the run is over. */
const LAST_FRAMES_MS = 3_000;
const LOOK_AGAIN_MS = 20;

export interface HostedSessionOptions {
  readonly key: SessionKey;
  readonly liveId: string;
  readonly epoch: number;
  readonly runner: Runner;
  readonly model: LiveModelInfo;
  readonly runConfig: RunConfig;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * One live run on this worker: the runner on one side, the channel to the client's gateway on the other.
 *
 * 1. At most one channel is attached; a later attach supersedes the earlier.
 * 2. `done` settles exactly once, when the run has ended and everything durable is stored; it never rejects.
 * 3. Whatever ends the run, the client is told why (`ended` or `error`) before the channel closes.
 */
export class HostedSession {
  readonly key: SessionKey;
  readonly liveId: string;
  readonly epoch: number;
  readonly done: Promise<EndReason>;
  readonly #options: HostedSessionOptions;
  readonly #queue = new LiveRequestQueue();
  readonly #abort = new AbortController();
  readonly #pacer: DownlinkPacer;
  readonly #downlink: EventDownlink;
  readonly #uplink: Uplink;
  #channel: FrameChannel | undefined;
  /** Events that the session had at the start; undefined until the model is ready. */
  #remembered: number | undefined;
  #endReason: EndReason | undefined;
  #over = false;

  constructor(options: HostedSessionOptions, channel: FrameChannel) {
    this.#options = options;
    this.key = options.key;
    this.liveId = options.liveId;
    this.epoch = options.epoch;
    this.#pacer = new DownlinkPacer(options.clock, (frame) =>
      this.#channel?.sendMedia(frame.bytes, frame.turn),
    );
    this.#downlink = new EventDownlink(this.#pacer, {
      sendControl: (bytes) => void this.#channel?.sendControl(bytes),
      purgeMedia: (throughTurn) => void this.#channel?.purgeMedia(throughTurn),
    });
    this.#uplink = new Uplink(this.#queue, {
      end: () => this.end('client'),
      problem: (error, ref) => this.#tellProblem(error, ref),
    });
    this.#listen(channel);
    this.done = this.#run();
  }

  /** Gives the downlink to another connection of the same live run; the one before is told that it was superseded. */
  attach(channel: FrameChannel): void {
    const before = this.#channel;
    this.#listen(channel);
    before?.close('superseded');
    if (this.#remembered !== undefined) this.#sayReady(this.#remembered);
  }

  /** True once the run can not be attached to any more. */
  get ending(): boolean {
    return this.#over || this.#abort.signal.aborted;
  }

  /** Ends the run at once; the first reason counts. What the client sent before still reaches the model. */
  end(reason: EndReason): void {
    this.#endReason ??= reason;
    this.#queue.close();
    this.#abort.abort();
  }

  #listen(channel: FrameChannel): void {
    this.#channel = channel;
    channel.listen({
      onControl: (bytes) => this.#uplink.control(bytes),
      onMedia: (frame) => this.#uplink.media(frame),
      onClose: () => {
        if (this.#channel === channel) this.end('client');
      },
      onMediaDropped: (frames, _bytes, reason) => this.#countDrops('down', reason, frames),
    });
  }

  async #run(): Promise<EndReason> {
    const { runner, key, liveId, runConfig } = this.#options;
    try {
      const events = runner.runLive({
        key,
        liveId,
        queue: this.#queue,
        runConfig,
        signal: this.#abort.signal,
        onReady: (session) => this.#sayReady(session.events.length),
      });
      for await (const event of events) {
        this.#downlink.deliver(event);
        if (event.errorCode) this.#endReason ??= 'provider';
      }
      this.#over = true;
      await this.#playedOut();
      this.#sayEnded();
    } catch (thrown) {
      this.#over = true;
      if (this.#abort.signal.aborted) this.#sayEnded();
      else this.#sayFailed(toParleyError(thrown));
    } finally {
      this.#countDrops('down', 'budget', this.#pacer.droppedFrames);
      this.#countDrops('up', 'age', this.#queue.droppedRequests);
      this.#pacer.close();
      const channel = this.#channel;
      this.#channel = undefined;
      channel?.close('ended');
    }
    return this.#endReason ?? 'agent';
  }

  /** Resolves when the client has been given all that the model said, or the run was ended meanwhile. */
  async #playedOut(): Promise<void> {
    const { signal } = this.#abort;
    const { clock } = this.#options;
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([this.#pacer.drained(), aborted]);
    const giveUpAtMs = clock.monotonicMs() + LAST_FRAMES_MS;
    while (!signal.aborted && this.#channel?.queuedMediaBytes && clock.monotonicMs() < giveUpAtMs) {
      await sleep(clock, LOOK_AGAIN_MS, signal);
    }
  }

  #sayEnded(): void {
    this.#downlink.say(DOWN_KIND.ended, { type: 'ended', reason: this.#endReason ?? 'agent' });
  }

  #sayFailed(error: ParleyError): void {
    const { liveId, log } = this.#options;
    this.#endReason ??= error.code.startsWith('provider_') ? 'provider' : 'error';
    log.error('a live run failed', { liveId, code: error.code, error });
    const requestId = newId('req');
    this.#downlink.say(DOWN_KIND.failed, {
      type: 'error',
      error: toWireError(error, { fatal: true, requestId }),
    });
  }

  #sayReady(remembered: number): void {
    this.#remembered = remembered;
    const { key, liveId, model } = this.#options;
    this.#downlink.say(DOWN_KIND.ready, {
      type: 'ready',
      protocol: { min: PROTOCOL_VERSION, max: PROTOCOL_VERSION },
      sessionId: key.sessionId,
      liveId,
      agent: key.appName,
      provider: { name: model.provider, model: model.model, emulated: model.emulated },
      remembered,
    });
  }

  #countDrops(dir: 'up' | 'down', reason: string, frames: number): void {
    if (frames > 0) this.#options.metrics.count('live_dropped_frames_total', { dir, reason }, frames);
  }

  #tellProblem(error: ParleyError, ref: string | undefined): void {
    this.#downlink.say(DOWN_KIND.message, {
      type: 'error',
      error: toWireError(error, { fatal: false, ...(ref === undefined ? {} : { ref }) }),
    });
  }
}
