import type { Event } from '@parley/event';
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
import { countFacts } from './run-metrics.js';
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
 * 3. Whatever ends the run, the client is told why (`ended` or `error`) before the channel closes. What keeps a run
 *    from getting ready is told as `error` alone, and as no event.
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
    const failure = await this.#converse();
    this.#over = true;
    if (!failure) await this.#playedOut();
    // words that wait behind audio which nobody will hear are still told
    this.#pacer.close();
    if (failure && !this.#abort.signal.aborted) this.#sayFailed(failure);
    else this.#sayEnded();
    this.#countDrops('down', 'budget', this.#pacer.droppedFrames);
    this.#countDrops('up', 'age', this.#queue.droppedRequests);
    const channel = this.#channel;
    this.#channel = undefined;
    channel?.close('ended');
    return this.#endReason ?? 'agent';
  }

  /** The run from its start to its end; answers what went wrong with it. */
  async #converse(): Promise<ParleyError | undefined> {
    const { runner, key, liveId, runConfig, metrics, model } = this.#options;
    let beforeReady: Event | undefined;
    try {
      const events = runner.runLive({
        key,
        liveId,
        queue: this.#queue,
        runConfig,
        signal: this.#abort.signal,
        onReady: (session) => this.#sayReady(session.events.length),
        observer: countFacts(metrics, model.provider),
      });
      for await (const event of events) {
        const ending = event.errorDetails?.scope === 'session';
        if (ending) this.#endReason ??= endReasonOf(event.errorCode);
        if (ending && this.#remembered === undefined) beforeReady = event;
        else this.#downlink.deliver(event);
      }
      if (beforeReady) this.#downlink.deliver(beforeReady);
      return undefined;
    } catch (thrown) {
      return toParleyError(thrown);
    }
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
    this.#endReason ??= endReasonOf(error.code);
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

const CAPS = new Map<string, EndReason>([
  ['max_duration', 'max'],
  ['max_turns', 'max'],
  ['budget_spent', 'max'],
  ['idle_timeout', 'idle'],
]);

function endReasonOf(errorCode = ''): EndReason {
  return CAPS.get(errorCode) ?? (errorCode.startsWith('provider_') ? 'provider' : 'error');
}
