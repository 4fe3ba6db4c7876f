import type { Event } from '@parley/event';
import { newId, ParleyError, silentLog, systemClock } from '@parley/kernel';
import { AgentTree } from '../agent/agent-tree.js';
import { PluginManager } from '../plugin/plugin-manager.js';
import type { SessionKey } from '../session/session-service.js';
import { AsyncRun, type RunAsyncRequest } from './async-run.js';
import { LiveRun } from './live-run.js';
import { invocationIdOf } from './request-ledger.js';
import { parseRunConfig } from './run-config.js';
import type { RunLiveRequest, RunnerOptions, RunnerParts } from './runner-options.js';

/** ADK's Runner: runs one tree of agents for any number of sessions. */
export class Runner {
  readonly #options: Omit<RunnerOptions, keyof RunnerParts> & RunnerParts;
  /** Sessions that have a run here. */
  readonly #running = new Set<string>();

  /** Throws `ParleyError` `invalid_config` when two agents of the tree share a name. */
  constructor(options: RunnerOptions) {
    this.#options = {
      ...options,
      tree: new AgentTree(options.agent),
      plugins: new PluginManager(options.plugins ?? []),
      log: options.log ?? silentLog,
      clock: options.clock ?? systemClock,
      newId: options.newId ?? newId,
    };
  }

  /**
   * Runs a live conversation and yields its events until the queue is closed, `signal` aborts, the last agent is done,
   * a cap is reached, the model is lost for good (the last event then has an `errorCode`), or the caller stops
   * iterating. The session is found, or created. Whatever ends it: tools are aborted, the connection is closed, every
   * durable event is stored and the plugins are told before the generator returns. Throws `ParleyError`:
   * `invalid_config` for the `runConfig`; `session_busy` when the session has a run here; what kept the session or the first connection from being
   * opened, after the event that says so.
   *
   * A `signal` that aborts with the reason `moved` or `detached` leaves the run to another process: everything is
   * stored, the model's socket is closed, and nothing more is told.
   */
  async *runLive(request: RunLiveRequest): AsyncGenerator<Event, void, undefined> {
    const runConfig = parseRunConfig(request.runConfig);
    const liveId = request.liveId ?? this.#options.newId('live');
    const invocationId =
      request.liveId === undefined ? this.#options.newId('e').replace('_', '-') : invocationIdOf(liveId);
    yield* this.#alone(request.key, () =>
      new LiveRun({ ...this.#options, ...request, runConfig, liveId, invocationId }).events(),
    );
  }

  /**
   * Answers one message without a live connection (`StreamingMode.SSE` with deltas, else whole), with the same agents,
   * tools, callbacks and session. Throws `ParleyError`: `session_not_found` (it creates none), `session_busy`,
   * `invalid_message`, `invalid_config` without an `llm`; a model that fails is told as an event.
   */
  async *runAsync(request: RunAsyncRequest): AsyncGenerator<Event, void, undefined> {
    const { llm } = this.#options;
    if (!llm) {
      throw new ParleyError('invalid_config', 'No llm is configured for runAsync.', {
        kind: 'failed_precondition',
      });
    }
    const runConfig = parseRunConfig(request.runConfig);
    yield* this.#alone(request.key, () =>
      new AsyncRun({ ...this.#options, ...request, runConfig, llm }).events(),
    );
  }

  /** One run of a session at a time. */
  async *#alone(
    key: SessionKey,
    run: () => AsyncGenerator<Event, void, undefined>,
  ): AsyncGenerator<Event, void, undefined> {
    const running = JSON.stringify([key.tenantId, key.appName, key.userId, key.sessionId]);
    if (this.#running.has(running)) {
      throw new ParleyError('session_busy', 'The session has a run already.', { kind: 'already_exists' });
    }
    this.#running.add(running);
    try {
      yield* run();
    } finally {
      this.#running.delete(running);
    }
  }
}
