import type { Event } from '@parley/event';
import type { ParleyError } from '@parley/kernel';
import { sleep, toParleyError } from '@parley/kernel';
import { continuedRun, responseToLost, type ContinuedRun } from '../flow/continued-run.js';
import { EventFactory } from '../flow/event-factory.js';
import { HeardMarks } from '../flow/heard-marks.js';
import type { PluginInvocation } from '../plugin/base-plugin.js';
import type { Session } from '../session/session-service.js';
import { SessionStore } from '../session/session-store.js';
import { toolJobId } from '../tool/tool-jobs.js';
import { AgentRun } from './agent-run.js';
import { EventStream } from './event-stream.js';
import type { Invocation } from './invocation.js';
import { LiveBlobRecorder } from './live-blob-recorder.js';
import { LiveLine } from './live-line.js';
import { checkActivity } from './activity-check.js';
import type { LiveRequest } from './live-request.js';
import { RequestLedger } from './request-ledger.js';
import { untilEnded, untilLongEnded, type Bounded } from './run-bounds.js';
import { RunCaps } from './run-caps.js';
import type { RunConfig } from './run-config.js';
import type { RunLiveRequest, RunnerOptions, RunnerParts } from './runner-options.js';

/** Why a run is left to another process. */
const LEFT_TO_ANOTHER: ReadonlySet<unknown> = new Set(['moved', 'detached']);
/** How long media may take to be saved when a run ends. */
const LAST_BLOBS_MS = 2_000;

export interface LiveRunParts
  extends
    Omit<RunnerOptions, keyof RunnerParts | 'agent'>,
    Omit<RunLiveRequest, 'runConfig' | 'liveId'>,
    RunnerParts {
  readonly liveId: string;
  readonly invocationId: string;
  readonly runConfig: RunConfig;
}

/**
 * One `runLive` from start to end: sets up what its agents share, reads it out, and puts everything away.
 *
 * 1. The reader never holds the conversation up; it is held up itself when the store is far behind.
 * 2. Whatever ends the run, `afterRun` is called once, after the last event is stored.
 */
export class LiveRun {
  readonly #parts: LiveRunParts;
  readonly #ended = new AbortController();
  readonly #inputUnderWay = new Set<Promise<void>>();
  readonly #end = (): void => this.#ended.abort();
  readonly #heardMarks: HeardMarks;
  readonly #bounded: Bounded;
  readonly #line: LiveLine;
  readonly #lostCallIds = new Set<string>();
  /** Why some of what the client sent before the run is not taken. */
  #refused: readonly ParleyError[] = [];
  #ready = false;
  #capReached: ParleyError | undefined;

  constructor(parts: LiveRunParts) {
    this.#parts = parts;
    const { clock, queue } = parts;
    this.#line = new LiveLine({ clock, queuedAudioMs: () => queue.queuedAudioMs });
    this.#heardMarks = new HeardMarks(parts.clock);
    this.#bounded = { clock: parts.clock, ended: this.#ended.signal };
  }

  async *events(): AsyncGenerator<Event, void, undefined> {
    const { signal, queue, plugins } = this.#parts;
    const about = this.#about();
    let error: Error | undefined;
    this.#refused = queue.attachRun({
      admit: (request) => this.#admit(request),
      onClosed: () => void this.#endWhenSaid(),
    });
    if (signal?.aborted) this.#end();
    signal?.addEventListener('abort', this.#end, { once: true });
    try {
      yield* this.#told(await untilEnded(this.#bounded, this.#session()));
    } catch (thrown) {
      if (thrown === this.#ended.signal.reason) return;
      error = toParleyError(thrown);
      throw error;
    } finally {
      this.#end();
      this.#line.close();
      signal?.removeEventListener('abort', this.#end);
      await untilLongEnded(
        this.#bounded,
        plugins.afterRun({ invocation: about, ...(error ? { error } : {}) }),
      ).catch((failed: unknown) =>
        this.#parts.log.error('a plugin failed after a run', { error: nameOf(failed) }),
      );
    }
  }

  /** A closed queue ends the run, but not before what was typed last has been through its guardrails. */
  async #endWhenSaid(): Promise<void> {
    while (this.#inputUnderWay.size > 0) await Promise.all(this.#inputUnderWay);
    // the next agent gets what this one did not get to; the queue tells again when it has
    if (this.#parts.queue.queuedRequests === 0) this.#end();
  }

  /** How far the client has played is no business of the agent's, nor does it wait for one. */
  #admit(request: LiveRequest): boolean {
    checkActivity(request, this.#parts.runConfig);
    if (request.kind !== 'playback') return true;
    this.#heardMarks.report(request.turn, request.playedMs);
    return false;
  }

  async *#told(session: Session): AsyncGenerator<Event, void, undefined> {
    const invocation = this.#prepare(session);
    const { stream, store, caps, blobs, events, tree } = invocation;
    for (const error of this.#refused) stream.emit(events.error(tree.root.name, error, 'turn'));
    const work = this.#drive(invocation, session).finally(async () => {
      caps.close();
      this.#heardMarks.close();
      if (this.#capReached) stream.emit(events.error(tree.root.name, this.#capReached, 'session'));
      await Promise.race([blobs?.settled(), sleep(invocation.clock, blobs ? LAST_BLOBS_MS : 0)]);
      await stream.close();
    });
    work.catch(() => undefined);
    try {
      for await (const event of stream) {
        await store.room();
        if (!this.#goesOnElsewhere) yield event;
      }
      await work;
    } finally {
      this.#end();
      await work.catch(() => undefined);
      await store.flush();
    }
  }

  /** Rejects only with what kept the conversation from being opened, or with a fault of ours. */
  async #drive(invocation: Invocation, session: Session): Promise<void> {
    const { plugins, tree, stream, events, store } = invocation;
    const continued = this.#continue(invocation, session);
    const asked = plugins.ask('beforeRunCallback', { invocation: this.#about() });
    const instead = await untilEnded(invocation, asked);
    if (instead) return stream.emit(events.make('model', { content: instead }));
    const agent = continued?.agent ?? tree.agentToRun(store.events);
    const outcome = await new AgentRun(invocation).run(agent, continued);
    if (outcome.kind === 'failed' && !this.#ready) throw outcome.error;
  }

  /** Ends what the process that had the run left open. */
  #continue(
    { events, liveId, requests, store, stream }: Invocation,
    session: Session,
  ): ContinuedRun | undefined {
    requests.remember(session.events);
    const { continuation, invocationId, log, runConfig, toolJobs, tree } = this.#parts;
    if (!continuation) return undefined;
    const handle = runConfig.sessionResumption?.handle;
    const continued = continuedRun({ events: store.events, invocationId, tree, continuation, handle });
    if (continuation.turnOpen) stream.emit(events.make(continued.agent.name, { interrupted: true }));
    for (const lost of continued.lostCalls) {
      this.#lostCallIds.add(lost.call.id);
      const parts = [{ functionResponse: responseToLost(lost) }];
      stream.emit(events.make(lost.agentName, { content: { role: 'user', parts } }));
      toolJobs
        ?.cancel(toolJobId(liveId, lost.call.id))
        .catch((error: unknown) =>
          log.warn('a job of a lost call could not be cancelled', { error: nameOf(error) }),
        );
    }
    return this.#opens(continued.handle) ? continued : { ...continued, handle: undefined };
  }

  /** A call does not fail for a handle that was sealed with a key that is gone: there is the history. */
  #opens(sealed: string | undefined): boolean {
    const { key, seal } = this.#parts;
    return sealed === undefined || !seal || seal.open(sealed, key) !== undefined;
  }

  get #goesOnElsewhere(): boolean {
    const { signal } = this.#parts;
    return signal?.aborted === true && LEFT_TO_ANOTHER.has(signal.reason);
  }

  async #session(): Promise<Session> {
    const { sessions, key, runConfig, session } = this.#parts;
    if (session) return session;
    const { numRecentEvents, afterTimestamp } = this.#parts.continuation
      ? {}
      : (runConfig.getSessionConfig ?? {});
    const found = await sessions.getSession(key, {
      ...(numRecentEvents === undefined ? {} : { numRecentEvents }),
      ...(afterTimestamp === undefined ? {} : { afterTimestamp }),
    });
    return found ?? (await sessions.createSession(key));
  }

  #prepare(session: Session): Invocation {
    const { runConfig, clock, newId, sessions, plugins, log, liveId, observer, artifacts, onReady } =
      this.#parts;
    const { continuation, fence, invocationId, onStored } = this.#parts;
    const events = new EventFactory(invocationId, clock, newId, runConfig.customMetadata);
    const requests = new RequestLedger(invocationId, (id) => this.#unharmed(() => onStored?.(id)));
    const store = new SessionStore({
      service: { appendEvent: (key, event) => sessions.appendEvent(key, event, fence) },
      session: continuation ? this.#asConfigured(session) : session,
      clock,
      onStored: (event) => requests.stored(event),
      onFailure: (error) => {
        log.error('a session could not be written', { liveId, error: nameOf(error) });
        this.#end();
      },
    });
    const stream = new EventStream({
      store,
      plugins,
      invocation: () => this.#about(),
      clock,
      log,
      onStuck: this.#end,
      continuation,
    });
    const onCap = (reached: ParleyError): void => {
      this.#capReached = reached;
      this.#end();
    };
    const caps = new RunCaps(runConfig, clock, onCap, continuation?.startedAtMs);
    return {
      ...this.#parts,
      memory: this.#parts.memory,
      artifacts,
      jobs: this.#parts.toolJobs,
      seal: this.#parts.seal,
      events,
      store,
      stream,
      caps,
      blobs:
        runConfig.saveLiveBlob && artifacts
          ? new LiveBlobRecorder({ artifacts, key: this.#parts.key, events, stream, clock, log })
          : undefined,
      heardMarks: this.#heardMarks,
      observe: (fact) => this.#unharmed(() => observer?.(fact)),
      ended: this.#ended.signal,
      inputUnderWay: this.#inputUnderWay,
      requests,
      lostCallIds: this.#lostCallIds,
      goesOnElsewhere: () => this.#goesOnElsewhere,
      line: this.#line,
      ready: () => {
        if (!this.#ready) this.#unharmed(() => onReady?.(session, this.#line));
        this.#ready = true;
      },
    };
  }

  /** A run that goes on knows of its past what it would know if it had never been lost. */
  #asConfigured(session: Session): Session {
    const { numRecentEvents, afterTimestamp = 0 } = this.#parts.runConfig.getSessionConfig ?? {};
    const isOwn = (event: Event): boolean => event.invocationId === this.#parts.invocationId;
    const past = session.events.filter((event) => !isOwn(event) && event.timestamp >= afterTimestamp);
    const recent = past.slice(Math.max(0, past.length - (numRecentEvents ?? past.length)));
    return { ...session, events: [...recent, ...session.events.filter(isOwn)] };
  }

  /** The host's own fault is no reason to end its call. */
  #unharmed(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#parts.log.error('whoever runs a call failed to hear of it', { error: nameOf(error) });
    }
  }

  #about(): PluginInvocation {
    const { key, invocationId, tree } = this.#parts;
    return { ...key, invocationId, agentName: tree.root.name };
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
