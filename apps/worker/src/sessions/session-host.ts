import { ParleyError, toParleyError, type Clock, type Log } from '@parley/kernel';
import {
  parseRunConfig,
  Runner,
  type AgentCatalog,
  type LiveModel,
  type SessionService,
  type ToolJobs,
} from '@parley/live';
import { SESSION_COST, sessionScope, type SessionDirectory } from '@parley/placement';
import type { FrameChannel, OpenAnswer } from '@parley/relay';
import type { Metrics } from '@parley/telemetry';
import { decodeRelayOpen, type EndReason, type RelayOpen } from '@parley/wire';
import { HostedSession } from './hosted-session.js';

export interface SessionHostOptions {
  readonly agents: AgentCatalog;
  readonly model: LiveModel;
  readonly sessions: SessionService;
  readonly toolJobs: ToolJobs;
  readonly directory: SessionDirectory;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
}

const ACCEPTED: OpenAnswer = { kind: 'accept' };

/**
 * The live runs of this worker.
 *
 * 1. A run starts only after the directory has confirmed this worker's epoch for it (I1).
 * 2. Its slot is given back exactly once, when the run has ended and its history is stored.
 * 3. `close` ends every run and resolves when all are done.
 */
export class SessionHost {
  readonly #options: SessionHostOptions;
  readonly #runners = new Map<string, Runner>();
  readonly #hosted = new Map<string, HostedSession>();
  readonly #ending = new Set<Promise<void>>();

  constructor(options: SessionHostOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#hosted.size;
  }

  /** Starts a run for a gateway, or attaches to the one that is up. Rejects with `ParleyError` when it can not be hosted here. */
  async open(channel: FrameChannel, payload: Uint8Array): Promise<OpenAnswer> {
    const { directory, metrics } = this.#options;
    const open = decodeRelayOpen(payload);
    const hostedAlready = this.#hosted.get(open.liveId);
    if (hostedAlready && hostedAlready.epoch === channel.epoch) {
      hostedAlready.attach(channel);
      return ACCEPTED;
    }
    const runner = this.#runnerOf(open.appName);
    const runConfig = parseRunConfig(open.runConfig);
    const confirmed = await directory.activate(open.liveId, channel.epoch);
    if (confirmed === 'stale') {
      throw new ParleyError('worker_lost', 'The session has moved on.', {
        kind: 'unavailable',
        retryable: true,
      });
    }
    const startedMs = this.#options.clock.monotonicMs();
    const hosted = new HostedSession(
      {
        key: keyOf(open),
        liveId: open.liveId,
        epoch: channel.epoch,
        runner,
        model: this.#options.model.info,
        runConfig,
        metrics,
        clock: this.#options.clock,
        log: this.#options.log,
      },
      channel,
    );
    this.#hosted.set(open.liveId, hosted);
    metrics.set('live_sessions_active', {}, this.#hosted.size);
    metrics.set('live_worker_slots_used', {}, this.#hosted.size);
    const ending = hosted.done.then((reason) => this.#ended(hosted, reason, startedMs));
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
    return ACCEPTED;
  }

  /** Tells the directory again what runs here, after it lost this worker; runs that moved on are dropped. */
  async reassert(workerId: string, incarnation: string): Promise<void> {
    for (const hosted of this.#hosted.values()) {
      const { liveId, epoch, key } = hosted;
      const answer = await this.#options.directory.reassert({
        liveId,
        epoch,
        scope: sessionScope(key),
        tenantId: key.tenantId,
        cost: SESSION_COST,
        workerId,
        incarnation,
      });
      if (answer === 'superseded') hosted.end('superseded');
    }
  }

  async close(reason: EndReason): Promise<void> {
    for (const hosted of this.#hosted.values()) hosted.end(reason);
    await Promise.all(this.#ending);
  }

  #runnerOf(appName: string): Runner {
    const known = this.#runners.get(appName);
    if (known) return known;
    const { agents, model, sessions, toolJobs, log, clock } = this.#options;
    const agent = agents.get(appName);
    if (!agent)
      throw new ParleyError('agent_not_found', `There is no agent "${appName}".`, { kind: 'not_found' });
    const runner = new Runner({ agent, model, sessions, toolJobs, log, clock });
    this.#runners.set(appName, runner);
    return runner;
  }

  async #ended(hosted: HostedSession, reason: EndReason, startedMs: number): Promise<void> {
    const { directory, metrics, clock, log } = this.#options;
    this.#hosted.delete(hosted.liveId);
    metrics.set('live_sessions_active', {}, this.#hosted.size);
    metrics.set('live_worker_slots_used', {}, this.#hosted.size);
    metrics.count('live_session_ends_total', { reason });
    metrics.observe('live_session_duration_seconds', {}, (clock.monotonicMs() - startedMs) / 1_000);
    try {
      await directory.release(hosted.liveId, hosted.epoch);
    } catch (error) {
      log.warn('a slot could not be given back; its lease will run out', {
        liveId: hosted.liveId,
        code: toParleyError(error).code,
      });
    }
  }
}

function keyOf(open: RelayOpen): { tenantId: string; appName: string; userId: string; sessionId: string } {
  const { tenantId, appName, userId, sessionId } = open;
  return { tenantId, appName, userId, sessionId };
}
