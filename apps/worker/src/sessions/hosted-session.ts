import type { Event } from '@parley/event';
import { sleep, toParleyError, type Clock, type Log, type ParleyError } from '@parley/kernel';
import {
  LiveRequestQueue,
  type LiveFact,
  type LiveLine,
  type LiveModelInfo,
  type Runner,
  type SessionKey,
} from '@parley/live';
import type { Placement, RunJournal } from '@parley/placement';
import type { CloseReason, FrameChannel } from '@parley/relay';
import type { Metrics } from '@parley/telemetry';
import { DOWN_KIND, type EndReason, type RelayOpen } from '@parley/wire';
import { endReasonOf } from './end-reason.js';
import { JournalWriter } from './journal-writer.js';
import { RunClient, type ReadyRun } from './run-client.js';
import { countFacts } from './run-metrics.js';
import { whenNobodyIsCutOff, whenPlayedOut } from './safe-point.js';
import type { TakeOver } from './take-over.js';

/** How long the last frames may take to leave after the run is over. */
const LAST_FRAMES_MS = 3_000;

/** As much as a new connection to the model takes at once: 11 s of PCM16 at 16 kHz. */
const SPEECH_AGAIN_BYTES = 352 * 1_024;

export interface HostedSessionOptions {
  readonly key: SessionKey;
  readonly liveId: string;
  readonly epoch: number;
  readonly runner: Runner;
  readonly model: LiveModelInfo;
  /** How the run begins, or goes on, here. */
  readonly from: TakeOver;
  readonly journal: RunJournal;
  /** How long the run waits for a client that is away. */
  readonly detachWindowMs: number;
  /** Whether anything may leave this process at all. */
  readonly mayLeave: () => boolean;
  /** The client came or went. */
  readonly onPresence: () => void;
  readonly onCrash?: () => void;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
}

/** `left`: it goes on elsewhere, or will: neither its slot nor its journal is this owner's to give up. */
export type RunOutcome = { readonly kind: 'ended'; readonly reason: EndReason } | { readonly kind: 'left' };

/**
 * One live run on this worker: the runner on one side, its client on the other, which may be away for a while.
 *
 * 1. `done` settles exactly once, when the run has ended here and everything durable is stored; it never rejects.
 * 2. Whatever ends the run, the client is told why (`ended` or `error`) before the channel closes. What keeps a run
 *    from getting ready is told as `error` alone, and as no event.
 * 3. A run that leaves (`moveTo`, `drop`) says nothing of an end: it has none.
 */
export class HostedSession {
  readonly key: SessionKey;
  readonly liveId: string;
  readonly epoch: number;
  readonly done: Promise<RunOutcome>;
  readonly #options: HostedSessionOptions;
  readonly #queue: LiveRequestQueue;
  /** Asks the run to end. */
  readonly #abort = new AbortController();
  /** The run has ended. */
  readonly #over = new AbortController();
  readonly #client: RunClient;
  readonly #journal: JournalWriter;
  #line: LiveLine | undefined;
  #whenReady: () => void = () => undefined;
  readonly #isReady = new Promise<void>((resolve) => (this.#whenReady = resolve));
  #mode: ReadyRun['mode'] = 'fresh';
  #held = false;
  #endReason: EndReason | undefined;
  #leaving = false;

  /** `channel`: the first that attaches, with what it asks for. */
  constructor(options: HostedSessionOptions, channel: FrameChannel, open: RelayOpen) {
    const { liveId, epoch, from } = options;
    this.#options = options;
    this.key = options.key;
    this.liveId = liveId;
    this.epoch = epoch;
    // what is sent again comes in one go, before the model is there to take it
    this.#queue = new LiveRequestQueue(from.continuation ? { maxAudioBytes: SPEECH_AGAIN_BYTES } : {});
    this.#journal = new JournalWriter({ ...options, entry: from.entry });
    this.#client = new RunClient({
      ...options,
      queue: this.#queue,
      onAttached: (attach) => this.#journal.attach(attach),
      onEnd: (reason) => this.end(reason),
    });
    this.#client.attach(channel, open);
    this.done = this.#run();
  }

  /** True once nobody can attach any more. */
  get ending(): boolean {
    return this.#over.signal.aborted || this.#abort.signal.aborted || this.#client.closed;
  }

  get detached(): boolean {
    return this.#client.detached;
  }

  /** Gives the downlink to another connection of the client's. Throws `ParleyError` `unauthenticated` for a late one. */
  attach(channel: FrameChannel, open: RelayOpen): void {
    this.#client.attach(channel, open);
  }

  /** Takes what `channel` sends, beside the client. Throws `ParleyError` `rate_limited` when too many write. */
  write(channel: FrameChannel, open: RelayOpen): void {
    this.#client.write(channel, open);
  }

  /** Ends the run at once; the first reason counts. What the client sent before still reaches the model. */
  end(reason: EndReason): void {
    this.#endReason ??= reason;
    this.#queue.close();
    this.#abort.abort();
  }

  /** Nothing leaves, neither for the client nor for the model, until `release`. */
  hold(): void {
    this.#held = true;
    this.#client.downlink.hold();
    this.#line?.hold();
  }

  release(): void {
    this.#held = false;
    this.#line?.release();
    this.#client.downlink.release();
  }

  /** Resolves when the run can leave without cutting anybody off, or has ended; at the latest after `withinMs`. */
  async whenMovable(withinMs: number): Promise<void> {
    const { clock } = this.#options;
    const giveUpAtMs = clock.monotonicMs() + withinMs;
    const signal = AbortSignal.any([this.#over.signal, this.#abort.signal]);
    const waited = new AbortController();
    await Promise.race([this.#isReady, this.done, sleep(clock, withinMs, waited.signal)]);
    waited.abort();
    const run = { line: this.#line, downlink: this.#client.downlink, signal };
    await whenNobodyIsCutOff(run, clock, giveUpAtMs - clock.monotonicMs());
  }

  /** Gives the model nothing more, and writes down what the next owner needs. `stay` takes it back. */
  async prepareMove(): Promise<void> {
    this.#line?.hold();
    await this.#journal.saveNow();
  }

  stay(): void {
    if (!this.#held) this.#line?.release();
  }

  /** Ends the run here and, when all is stored, tells its gateway where it goes on. */
  async moveTo(placement: Placement): Promise<void> {
    this.#client.settle();
    await this.#leave();
    this.#client.close('moved', { kind: DOWN_KIND.moved, json: JSON.stringify(placement) });
  }

  /**
   * Ends the run here with nothing said to anyone: it is not this worker's any more. Without `closeAs` its channels
   * stay open, for the link to end them. Idempotent.
   */
  async drop(closeAs?: CloseReason): Promise<void> {
    await this.#leave();
    if (closeAs) this.#client.close(closeAs);
  }

  async #leave(): Promise<void> {
    this.#leaving = true;
    this.#client.over('moving');
    this.#abort.abort('moved');
    this.#queue.close();
    await this.done;
  }

  async #run(): Promise<RunOutcome> {
    const failure = await this.#converse();
    this.#over.abort();
    // another owner has the session, or it has to be taken up anew from what could be stored: nothing ends, and whoever
    // sent what is not stored sends it again
    if (failure?.code === 'superseded' || failure?.details['notStored'] === true) void this.drop('stale');
    if (this.#leaving) return this.#left();
    const { signal } = this.#abort;
    if (!failure)
      await whenPlayedOut({ downlink: this.#client.downlink, signal }, this.#options.clock, LAST_FRAMES_MS);
    if (this.#leaving) return this.#left();
    // words that wait behind audio which nobody will hear are still told
    this.#client.downlink.close();
    if (failure && !signal.aborted) this.#sayFailed(failure);
    else this.#client.sayEnded(this.#endReason ?? 'agent');
    this.#client.over('ending');
    this.#client.close('ended');
    this.#countDrops('down', 'budget', this.#client.downlink.droppedFrames);
    this.#countDrops('up', 'age', this.#queue.droppedRequests);
    await this.#journal.close();
    return { kind: 'ended', reason: this.#endReason ?? 'agent' };
  }

  async #left(): Promise<RunOutcome> {
    this.#client.downlink.close();
    await this.#journal.close();
    return { kind: 'left' };
  }

  /** The run from its start to its end here; answers what went wrong with it. */
  async #converse(): Promise<ParleyError | undefined> {
    const { runner, key, liveId, metrics, model, from } = this.#options;
    const count = countFacts(metrics, model.provider);
    let beforeReady: Event | undefined;
    try {
      const events = runner.runLive({
        key,
        liveId,
        fence: this.epoch,
        queue: this.#queue,
        runConfig: from.runConfig,
        signal: this.#abort.signal,
        ...(from.session ? { session: from.session } : {}),
        ...(from.continuation ? { continuation: from.continuation } : {}),
        onStored: (id) => this.#client.acknowledge(id),
        onReady: (session, line) => this.#becomeReady(line, session.events.length),
        observer: (fact) => {
          count(fact);
          this.#note(fact);
        },
      });
      for await (const event of events) {
        const ending = event.errorDetails?.scope === 'session';
        if (ending) this.#endReason ??= endReasonOf(event.errorCode);
        if (ending && this.#line === undefined) beforeReady = event;
        else this.#client.deliver(event);
      }
      if (beforeReady) this.#client.deliver(beforeReady);
      return undefined;
    } catch (thrown) {
      return toParleyError(thrown);
    }
  }

  #becomeReady(line: LiveLine, remembered: number): void {
    this.#line = line;
    if (this.#held) line.hold();
    this.#client.becomeReady({ line, remembered, mode: this.#mode });
    this.#whenReady();
  }

  #note(fact: LiveFact): void {
    if (fact.kind === 'connected' && this.#line === undefined) this.#mode = fact.mode;
    if (fact.kind === 'handle' && fact.sealed !== undefined) {
      this.#journal.handle(fact.sealed, fact.agentName);
    }
    if (fact.kind === 'handleVoid') this.#journal.handleVoid(fact.agentName);
  }

  #sayFailed(failure: ParleyError): void {
    const { liveId, log } = this.#options;
    this.#endReason ??= endReasonOf(failure.code);
    log.error('a live run failed', { liveId, code: failure.code, error: failure });
    this.#client.sayFailed(failure);
  }

  #countDrops(dir: 'up' | 'down', reason: string, frames: number): void {
    if (frames > 0) this.#options.metrics.count('live_dropped_frames_total', { dir, reason }, frames);
  }
}
