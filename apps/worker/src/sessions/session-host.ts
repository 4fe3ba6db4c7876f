import { ParleyError } from '@parley/kernel';
import type { SessionKey } from '@parley/live';
import {
  ORPHAN_MS,
  SESSION_COST,
  sessionScope,
  type MoveResult,
  type RunJournal,
  type SessionDirectory,
} from '@parley/placement';
import type { FrameChannel, OpenAnswer } from '@parley/relay';
import type { Metrics } from '@parley/telemetry';
import { decodeRelayOpen, type RelayOpen } from '@parley/wire';
import { AgentRunners, type AgentRunnersOptions } from './agent-runners.js';
import { HostedSession, type RunOutcome } from './hosted-session.js';
import { RunMover } from './run-mover.js';
import { SlotRelease } from './slot-release.js';
import { admit, journaled, takeOver } from './take-over.js';

export interface SessionHostOptions extends AgentRunnersOptions {
  readonly workerId: string;
  readonly directory: SessionDirectory;
  readonly journal: RunJournal;
  /** Gives a run to another worker. */
  readonly move: (liveId: string, epoch: number) => Promise<MoveResult>;
  /** How long a run waits for a client that is away. */
  readonly detachWindowMs: number;
  /** How long it may take to move all runs away. */
  readonly drainMs: number;
  /** Whether anything may leave this process; asked before each send. */
  readonly mayLeave: () => boolean;
  /** In development only: somebody asks this worker to die. */
  readonly onCrash?: () => void;
  readonly metrics: Metrics;
}

/** How long a run that nobody hears may wait for the end of a turn. */
const UNHEARD_MS = 1_000;

const ACCEPTED: OpenAnswer = { kind: 'accept' };

/**
 * The live runs of this worker.
 *
 * 1. A run starts only after the directory has confirmed this worker's epoch for it, and never twice (I1).
 * 2. Its slot is given back exactly once, when the run has ended and its history is stored; what could not be given
 *    back is tried again until it is. A run that went elsewhere is not this worker's to end.
 * 3. `drain` moves every run away and takes no new one; a run that is still here can be attached to until it has gone.
 */
export class SessionHost {
  readonly #options: SessionHostOptions;
  readonly #runners: AgentRunners;
  readonly #starting = new Map<string, Promise<void>>();
  readonly #hosted = new Map<string, HostedSession>();
  readonly #ending = new Map<HostedSession, Promise<void>>();
  readonly #slots: SlotRelease;
  readonly #mover: RunMover;
  #held = false;
  #draining = false;

  constructor(options: SessionHostOptions) {
    this.#options = options;
    this.#runners = new AgentRunners(options);
    this.#slots = new SlotRelease({ ...options, runs: (liveId) => this.#hosted.has(liveId) });
    this.#mover = new RunMover({ ...options, slots: this.#slots });
  }

  /** Starts a run for a gateway, or attaches to the one that is up. Rejects with `ParleyError` when it can not be hosted here. */
  async open(channel: FrameChannel, payload: Uint8Array): Promise<OpenAnswer> {
    const open = decodeRelayOpen(payload);
    // nothing may come between the last look and the start
    for (let other = this.#starting.get(open.liveId); other; other = this.#starting.get(open.liveId)) {
      await other.catch(() => undefined);
    }
    const hosted = this.#hosted.get(open.liveId);
    if (hosted?.epoch === channel.epoch) {
      await this.#join(hosted, channel, open);
      return ACCEPTED;
    }
    // of another epoch: only its owner may say that it runs here
    if (open.role === 'writer') throw movedOn();
    if (this.#draining)
      throw new ParleyError('draining', 'The worker is going away.', {
        kind: 'unavailable',
        retryable: true,
      });
    const starting = this.#start(open, channel);
    this.#starting.set(open.liveId, starting);
    try {
      await starting;
    } finally {
      if (this.#starting.get(open.liveId) === starting) this.#starting.delete(open.liveId);
    }
    return ACCEPTED;
  }

  /** Tells the directory again what runs here, after it lost this worker; runs that moved on are dropped. */
  async reassert(incarnation: string): Promise<void> {
    const { directory, workerId } = this.#options;
    for (const hosted of [...this.#hosted.values()]) {
      if (hosted.ending) continue;
      const { liveId, epoch, key } = hosted;
      const answer = await directory.reassert({
        liveId,
        epoch,
        scope: sessionScope(key),
        tenantId: key.tenantId,
        cost: SESSION_COST,
        workerId,
        incarnation,
      });
      if (answer === 'superseded') void hosted.drop('stale');
    }
  }

  /** These runs have been placed elsewhere. Rejects when the directory, which is asked about it, can not be reached. */
  async revoked(liveIds: readonly string[]): Promise<void> {
    const { directory, workerId } = this.#options;
    for (const liveId of liveIds) {
      const hosted = this.#hosted.get(liveId);
      if (!hosted || this.#mover.isMoving(hosted)) continue;
      // what went away may have come back since
      const now = await directory.find(liveId);
      if (now?.workerId === workerId && now.epoch === hosted.epoch) continue;
      void hosted.drop('stale');
    }
  }

  /** Gateways do not reach these runs here: they are moved, and soon, for nobody hears them. */
  wanted(liveIds: readonly string[]): void {
    for (const liveId of liveIds) {
      const hosted = this.#hosted.get(liveId);
      if (hosted) void this.#mover.move(hosted, UNHEARD_MS);
    }
  }

  /** Another incarnation of this worker owns what ran here. Resolves when none of it runs any more. */
  async dropAll(): Promise<void> {
    await Promise.allSettled(this.#starting.values());
    await Promise.all([...this.#hosted.values()].map((hosted) => hosted.drop('stale')));
  }

  /** Nothing leaves any run, neither for clients nor for models, until `release`. */
  hold(): void {
    this.#held = true;
    for (const hosted of this.#hosted.values()) hosted.hold();
  }

  release(): void {
    this.#held = false;
    for (const hosted of this.#hosted.values()) hosted.release();
  }

  /**
   * Moves every run to other workers, all at once, and takes no new one. Resolves when none is left; one for which
   * nobody had room ends here with its channel open, for its gateway to have it placed once this worker is gone.
   */
  async drain(): Promise<void> {
    const { clock, metrics } = this.#options;
    this.#draining = true;
    const startedMs = clock.monotonicMs();
    await Promise.allSettled(this.#starting.values());
    await Promise.all([...this.#hosted.values()].map((hosted) => this.#sendAway(hosted)));
    await Promise.all(this.#ending.values());
    this.#slots.close();
    metrics.observe('live_drain_seconds', {}, (clock.monotonicMs() - startedMs) / 1_000);
  }

  async #sendAway(hosted: HostedSession): Promise<void> {
    if ((await this.#mover.move(hosted)) === 'no_room') await hosted.drop();
  }

  async #join(hosted: HostedSession, channel: FrameChannel, open: RelayOpen): Promise<void> {
    // a gateway that has given up meanwhile takes nothing from another
    if (channel.outcome !== undefined) throw movedOn();
    if (hosted.ending) {
      hosted.end('superseded');
      await this.#ending.get(hosted);
      throw movedOn();
    }
    if (open.role === 'writer') hosted.write(channel, open);
    else hosted.attach(channel, open);
  }

  async #start(open: RelayOpen, channel: FrameChannel): Promise<void> {
    const { clock, journal, log, model, sessions } = this.#options;
    const runner = this.#runners.runnerOf(open.appName);
    const runConfig = this.#runners.runConfigOf(open.runConfig);
    const { liveId } = open;
    const { epoch } = channel;
    const entry = await journaled(liveId, journal, log);
    admit(open, entry);
    const begins = entry === undefined && open.reception === undefined;
    await this.#activate(liveId, epoch, begins);
    // a run that moved away and came back: what it was here must be over before it is here again
    await this.#hosted.get(liveId)?.drop('stale');
    // what the owner before still has to store, it stores no more: what is read now is all of it
    const from = await sessions
      .raiseFence(keyOf(open), epoch)
      .then(() => takeOver(open, runConfig, entry, sessions, clock.nowMs()))
      .catch((error: unknown) => {
        this.#giveUp(liveId, epoch, begins);
        throw error;
      });
    const startedMs = clock.monotonicMs();
    const hosted = new HostedSession(
      {
        ...this.#options,
        key: keyOf(open),
        liveId,
        epoch,
        runner,
        model: model.info,
        from,
        onPresence: () => this.#gauge(),
      },
      channel,
      open,
    );
    if (this.#held) hosted.hold();
    this.#hosted.set(liveId, hosted);
    this.#gauge();
    const ending = hosted.done.then((outcome) => this.#ended(hosted, outcome, startedMs));
    this.#ending.set(hosted, ending);
    void ending.finally(() => this.#ending.delete(hosted));
    if (this.#draining) void this.#sendAway(hosted);
  }

  async #activate(liveId: string, epoch: number, begins: boolean): Promise<void> {
    let confirmed: 'active' | 'stale';
    try {
      confirmed = await this.#options.directory.activate(liveId, epoch);
    } catch (error) {
      this.#giveUp(liveId, epoch, begins);
      throw error;
    }
    if (confirmed === 'stale') throw movedOn();
  }

  /** The run is this worker's, or may be, and is not up. One that was under way is waited for as an orphan is. */
  #giveUp(liveId: string, epoch: number, begins: boolean): void {
    this.#slots.later(liveId, epoch, begins ? 0 : ORPHAN_MS);
  }

  async #ended(hosted: HostedSession, outcome: RunOutcome, startedMs: number): Promise<void> {
    const { metrics, clock, journal } = this.#options;
    const { liveId, epoch } = hosted;
    if (outcome.kind === 'ended') {
      metrics.count('live_session_ends_total', { reason: outcome.reason });
      metrics.observe('live_session_duration_seconds', {}, (clock.monotonicMs() - startedMs) / 1_000);
      const over = await this.#slots.release(liveId, epoch);
      // an entry that can not be forgotten now expires
      if (over) await journal.forget(liveId).catch(() => undefined);
    } else {
      // it is another's, or somebody takes it up anew; what nobody wants is not to keep its slot
      this.#slots.later(liveId, epoch, ORPHAN_MS);
    }
    if (this.#hosted.get(liveId) === hosted) this.#hosted.delete(liveId);
    this.#gauge();
  }

  #gauge(): void {
    const { metrics } = this.#options;
    const hosted = [...this.#hosted.values()];
    metrics.set('live_sessions_active', {}, hosted.length);
    metrics.set('live_worker_slots_used', {}, hosted.length);
    metrics.set('live_detached_sessions', {}, hosted.filter(({ detached }) => detached).length);
  }
}

/** The gateway places the session anew. */
function movedOn(): ParleyError {
  return new ParleyError('worker_lost', 'The session has moved on.', {
    kind: 'unavailable',
    retryable: true,
  });
}

function keyOf({ tenantId, appName, userId, sessionId }: RelayOpen): SessionKey {
  return { tenantId, appName, userId, sessionId };
}
