import type { Event } from '@parley/event';
import type { ParleyError } from '@parley/kernel';
import { sleep, toParleyError } from '@parley/kernel';
import { EventFactory } from '../flow/event-factory.js';
import { HeardMarks } from '../flow/heard-marks.js';
import type { PluginInvocation } from '../plugin/base-plugin.js';
import type { Session } from '../session/session-service.js';
import { SessionStore } from '../session/session-store.js';
import { AgentRun } from './agent-run.js';
import { EventStream } from './event-stream.js';
import type { Invocation } from './invocation.js';
import { LiveBlobRecorder } from './live-blob-recorder.js';
import { LiveLine } from './live-line.js';
import { checkActivity } from './activity-check.js';
import type { LiveRequest } from './live-request.js';
import { untilEnded, untilLongEnded, type Bounded } from './run-bounds.js';
import { RunCaps } from './run-caps.js';
import type { RunConfig } from './run-config.js';
import type { RunLiveRequest, RunnerOptions, RunnerParts } from './runner-options.js';

/** How long media may take to be saved when a run ends. */
const LAST_BLOBS_MS = 2_000;

export interface LiveRunParts
  extends
    Omit<RunnerOptions, keyof RunnerParts | 'agent'>,
    Omit<RunLiveRequest, 'runConfig' | 'liveId'>,
    RunnerParts {
  readonly liveId: string;
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
  readonly #invocationId: string;
  readonly #heardMarks: HeardMarks;
  readonly #bounded: Bounded;
  readonly #line = new LiveLine();
  /** Why some of what the client sent before the run is not taken. */
  #refused: readonly ParleyError[] = [];
  #ready = false;
  #capReached: ParleyError | undefined;

  constructor(parts: LiveRunParts) {
    this.#parts = parts;
    this.#invocationId = parts.newId('e').replace('_', '-');
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
    const work = this.#drive(invocation).finally(async () => {
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
        yield event;
      }
      await work;
    } finally {
      this.#end();
      await work.catch(() => undefined);
      await store.flush();
    }
  }

  /** Rejects only with what kept the conversation from being opened, or with a fault of ours. */
  async #drive(invocation: Invocation): Promise<void> {
    const { plugins, tree, stream, events, store } = invocation;
    const asked = plugins.ask('beforeRunCallback', { invocation: this.#about() });
    const instead = await untilEnded(invocation, asked);
    if (instead) return stream.emit(events.make('model', { content: instead }));
    const outcome = await new AgentRun(invocation).run(tree.agentToRun(store.events));
    if (outcome.kind === 'failed' && !this.#ready) throw outcome.error;
  }

  async #session(): Promise<Session> {
    const { sessions, key, runConfig } = this.#parts;
    const { numRecentEvents, afterTimestamp } = runConfig.getSessionConfig ?? {};
    const found = await sessions.getSession(key, {
      ...(numRecentEvents === undefined ? {} : { numRecentEvents }),
      ...(afterTimestamp === undefined ? {} : { afterTimestamp }),
    });
    return found ?? (await sessions.createSession(key));
  }

  #prepare(session: Session): Invocation {
    const { runConfig, clock, newId, sessions, plugins, log, liveId, observer, artifacts, onReady } =
      this.#parts;
    const events = new EventFactory(this.#about().invocationId, clock, newId, runConfig.customMetadata);
    const store = new SessionStore({
      service: sessions,
      session,
      clock,
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
    });
    const caps = new RunCaps(runConfig, clock, (reached) => {
      this.#capReached = reached;
      this.#end();
    });
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
      line: this.#line,
      ready: () => {
        if (!this.#ready) this.#unharmed(() => onReady?.(session, this.#line));
        this.#ready = true;
      },
    };
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
    const { key, tree } = this.#parts;
    return { ...key, invocationId: this.#invocationId, agentName: tree.root.name };
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
