import { ParleyError, toParleyError, type CancelTimer, type Clock, type Log } from '@parley/kernel';
import {
  parseRunConfig,
  Runner,
  type AgentCatalog,
  type ArtifactService,
  type LiveModel,
  type ResumptionSeal,
  type RunConfig,
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
  /** Without it calls that save what is said are refused. */
  readonly artifacts?: ArtifactService;
  readonly seal: ResumptionSeal;
  readonly toolJobs: ToolJobs;
  readonly directory: SessionDirectory;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
}

const ACCEPTED: OpenAnswer = { kind: 'accept' };

/** How often a slot that could not be given back is tried again. */
const RELEASE_AGAIN_MS = 1_000;

/**
 * The live runs of this worker.
 *
 * 1. A run starts only after the directory has confirmed this worker's epoch for it, and never twice (I1).
 * 2. Its slot is given back exactly once, when the run has ended and its history is stored; what could not be given
 *    back is tried again until it is.
 * 3. `close` ends every run and resolves when all are done; after `close('drain')` no run is taken any more.
 */
export class SessionHost {
  readonly #options: SessionHostOptions;
  readonly #runners = new Map<string, Runner>();
  readonly #starting = new Map<string, Promise<void>>();
  readonly #hosted = new Map<string, HostedSession>();
  readonly #ending = new Map<HostedSession, Promise<void>>();
  readonly #unreleased = new Map<string, number>();
  #stopReleasing: CancelTimer | undefined;
  #draining = false;

  constructor(options: SessionHostOptions) {
    this.#options = options;
  }

  /** Starts a run for a gateway, or attaches to the one that is up. Rejects with `ParleyError` when it can not be hosted here. */
  async open(channel: FrameChannel, payload: Uint8Array): Promise<OpenAnswer> {
    const open = decodeRelayOpen(payload);
    // nothing may come between the last look and the start
    for (let other = this.#starting.get(open.liveId); other; other = this.#starting.get(open.liveId)) {
      await other.catch(() => undefined);
    }
    if (this.#draining) throw movedOn();
    const hosted = this.#hosted.get(open.liveId);
    if (hosted && hosted.epoch === channel.epoch) {
      if (hosted.ending) {
        hosted.end('superseded');
        await this.#ending.get(hosted);
        throw movedOn();
      }
      hosted.attach(channel);
      return ACCEPTED;
    }
    const starting = this.#start(open, channel);
    this.#starting.set(open.liveId, starting);
    try {
      await starting;
    } finally {
      if (this.#starting.get(open.liveId) === starting) this.#starting.delete(open.liveId);
    }
    return ACCEPTED;
  }

  async #start(open: RelayOpen, channel: FrameChannel): Promise<void> {
    const { metrics, clock, log, model } = this.#options;
    const runner = this.#runnerOf(open.appName);
    const runConfig = this.#runConfigOf(open);
    await this.#activate(open.liveId, channel.epoch);
    // a run that moved away and came back: what it was here must be over before it is here again
    const before = this.#hosted.get(open.liveId);
    before?.end('superseded');
    if (before) await this.#ending.get(before);
    const startedMs = clock.monotonicMs();
    const { liveId } = open;
    const key = keyOf(open);
    const { epoch } = channel;
    const hosted = new HostedSession(
      { key, liveId, epoch, runner, model: model.info, runConfig, metrics, clock, log },
      channel,
    );
    this.#hosted.set(liveId, hosted);
    this.#gauge();
    const ending = hosted.done.then((reason) => this.#ended(hosted, reason, startedMs));
    this.#ending.set(hosted, ending);
    void ending.finally(() => this.#ending.delete(hosted));
    if (this.#draining) hosted.end('drain');
  }

  async #activate(liveId: string, epoch: number): Promise<void> {
    let confirmed: 'active' | 'stale';
    try {
      confirmed = await this.#options.directory.activate(liveId, epoch);
    } catch (error) {
      // it may have taken effect
      this.#releaseLater(liveId, epoch);
      throw error;
    }
    if (confirmed === 'stale') throw movedOn();
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
    if (reason === 'drain') this.#draining = true;
    await Promise.allSettled(this.#starting.values());
    for (const hosted of this.#ending.keys()) hosted.end(reason);
    await Promise.all(this.#ending.values());
    if (this.#draining) this.#stopReleasing?.();
  }

  #runnerOf(appName: string): Runner {
    const known = this.#runners.get(appName);
    if (known) return known;
    const { agents, model, sessions, artifacts, seal, toolJobs, log, clock } = this.#options;
    const agent = agents.get(appName);
    if (!agent)
      throw new ParleyError('agent_not_found', `There is no agent "${appName}".`, { kind: 'not_found' });
    const files = artifacts ? { artifacts } : {};
    const runner = new Runner({ agent, model, sessions, ...files, seal, toolJobs, log, clock });
    this.#runners.set(appName, runner);
    return runner;
  }

  #runConfigOf(open: RelayOpen): RunConfig {
    const runConfig = parseRunConfig(open.runConfig);
    if (runConfig.saveLiveBlob && !this.#options.artifacts) {
      throw new ParleyError(
        'invalid_config',
        'saveLiveBlob needs a place for files: PARLEY_ARTIFACTS_DIR is not set on the workers.',
        { kind: 'failed_precondition' },
      );
    }
    return runConfig;
  }

  async #ended(hosted: HostedSession, reason: EndReason, startedMs: number): Promise<void> {
    const { directory, metrics, clock } = this.#options;
    metrics.count('live_session_ends_total', { reason });
    metrics.observe('live_session_duration_seconds', {}, (clock.monotonicMs() - startedMs) / 1_000);
    try {
      await directory.release(hosted.liveId, hosted.epoch);
    } catch (error) {
      this.#options.log.warn('a slot could not be given back yet', {
        liveId: hosted.liveId,
        code: toParleyError(error).code,
      });
      this.#releaseLater(hosted.liveId, hosted.epoch);
    }
    if (this.#hosted.get(hosted.liveId) === hosted) this.#hosted.delete(hosted.liveId);
    this.#gauge();
  }

  #releaseLater(liveId: string, epoch: number): void {
    this.#unreleased.set(liveId, epoch);
    this.#stopReleasing ??= this.#options.clock.every(RELEASE_AGAIN_MS, () => void this.#releaseAgain());
  }

  async #releaseAgain(): Promise<void> {
    for (const [liveId, epoch] of [...this.#unreleased]) {
      if (this.#hosted.has(liveId)) continue;
      try {
        await this.#options.directory.release(liveId, epoch);
        this.#unreleased.delete(liveId);
      } catch {
        // still away: the next turn tries again
        return;
      }
    }
    if (this.#unreleased.size > 0) return;
    this.#stopReleasing?.();
    this.#stopReleasing = undefined;
  }

  #gauge(): void {
    this.#options.metrics.set('live_sessions_active', {}, this.#hosted.size);
    this.#options.metrics.set('live_worker_slots_used', {}, this.#hosted.size);
  }
}

/** The gateway places the session anew. */
function movedOn(): ParleyError {
  return new ParleyError('worker_lost', 'The session has moved on.', {
    kind: 'unavailable',
    retryable: true,
  });
}

function keyOf(open: RelayOpen): { tenantId: string; appName: string; userId: string; sessionId: string } {
  const { tenantId, appName, userId, sessionId } = open;
  return { tenantId, appName, userId, sessionId };
}
