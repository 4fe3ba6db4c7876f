import type { CancelTimer, Clock, Log } from '@parley/kernel';
import type { HeartbeatReply, WorkerCommands, WorkerRegistry, WorkerState } from './worker-registry.js';

export interface WorkerLeaseOptions {
  readonly registry: WorkerRegistry;
  readonly workerId: string;
  /** `host:port` of the relay link. */
  readonly address: string;
  /** In hundredths of a slot. */
  readonly capacity: number;
  readonly zone?: string;
  /** Of the link that the worker speaks. */
  readonly version?: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly newIncarnation: () => string;
  /** Asked for every heartbeat. */
  readonly report: () => { readonly state: WorkerState; readonly load: number };
  /**
   * Re-asserts every live run of this worker (`SessionDirectory.reassert`) and drops those that were superseded. Called
   * when the registry lost the worker, its lease had run out or it was declared dead; when it throws, it is called again
   * with the next beat.
   */
  readonly reassert: (incarnation: string) => Promise<void>;
  /** Drops every live run at once: another incarnation owns this worker. Called again when it throws. */
  readonly onFenced: (incarnation: string) => Promise<void> | void;
  /** Drops these live runs at once: they have been placed elsewhere. Called again, with the next beat, when it throws. */
  readonly onRevoked: (liveIds: readonly string[]) => Promise<void> | void;
  /** Begins to move these live runs away: no gateway reaches them here. Called again when it throws. */
  readonly onWanted: (liveIds: readonly string[]) => Promise<void> | void;
}

export const HEARTBEAT_MS = 1_000;
export const LEASE_MS = 4_000;
const JITTER = 0.1;
/** A turn ends early in all but absurd cases, such as a store that is flushed between any two calls. */
const MAX_ROUNDS = 5;

/**
 * A worker's hold on its place in the fleet: registers it, keeps the lease alive and comes back after every kind of
 * loss. A store that can't be reached changes nothing here: the next beat tries again, and live runs go on (I11).
 *
 * 1. One exchange with the registry at a time.
 * 2. While live runs wait to be re-asserted, the worker reports itself `full`, so that nothing is placed on slots that
 *    are taken (I2).
 * 3. A fenced incarnation never beats again; the next one registers only after `onFenced` is through.
 * 4. What the registry tells the worker is heard only once it is carried out, and then not carried out again.
 * 5. After `close` the worker is deregistered and nothing is sent any more.
 */
export class WorkerLease {
  #incarnation: string;
  #registered = false;
  #reassertDue = false;
  #away = false;
  /** Number of the newest commands that are carried out. */
  #heard = 0;
  /** Who waits for the first turn that begins from now on. */
  #waiting: ((outcome: 'ok' | 'away') => void)[] = [];
  /** When the last beat that was answered well had been sent. */
  #renewedAtMs = Number.NEGATIVE_INFINITY;
  #tail: Promise<void> = Promise.resolve();
  #cancelTimer: CancelTimer = () => undefined;
  #closing: Promise<void> | undefined;
  #announceFirst: () => void = () => undefined;
  readonly #first: Promise<void>;
  readonly #options: WorkerLeaseOptions;

  constructor(options: WorkerLeaseOptions) {
    this.#options = options;
    this.#incarnation = options.newIncarnation();
    this.#first = new Promise((resolve) => {
      this.#announceFirst = resolve;
    });
  }

  get incarnation(): string {
    return this.#incarnation;
  }

  /** Whether the lease is known to be running. */
  get held(): boolean {
    return this.#registered && this.#options.clock.monotonicMs() - this.#renewedAtMs < LEASE_MS;
  }

  /** Starts beating; resolves when the worker is registered for the first time, or closed before that. */
  async start(): Promise<void> {
    void this.beatNow();
    await this.#first;
  }

  /** Tells the registry at once what `report` says now, for a change that can't wait a second (drain). */
  beatNow(): Promise<void> {
    this.#cancelTimer();
    this.#tail = this.#tail.then(() => this.#turn());
    return this.#tail;
  }

  /**
   * Sends a heartbeat and resolves when the worker has acted upon its answer: `ok`, whatever had to be re-asserted or
   * dropped first is through. `away`: there was no answer, or the lease is closed. Of a heartbeat that is under way
   * already, the answer does not count: it may be older than the caller's question.
   */
  whenRenewed(): Promise<'ok' | 'away'> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) void this.beatNow();
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#cancelTimer();
    await this.#tail;
    this.#announceFirst();
    if (!this.#registered) return;
    this.#registered = false;
    const { registry, workerId, log } = this.#options;
    try {
      await registry.deregister(workerId, this.#incarnation);
    } catch (error) {
      log.warn('worker not deregistered, its lease will run out', { error });
    }
  }

  async #turn(): Promise<void> {
    const { clock, random, log } = this.#options;
    const waiting = this.#waiting.splice(0);
    try {
      await this.#renew();
      if (this.#away) log.info('worker lease renewed again');
      this.#away = false;
    } catch (error) {
      if (!this.#away) log.warn('worker lease not renewed, trying again', { error });
      this.#away = true;
    }
    for (const resolve of waiting) resolve(this.#away || this.#closing ? 'away' : 'ok');
    if (this.#closing) return;
    this.#cancelTimer();
    const delayMs = HEARTBEAT_MS * (1 + JITTER * (2 * random() - 1));
    this.#cancelTimer = clock.after(delayMs, () => void this.beatNow());
  }

  async #renew(): Promise<void> {
    const { reassert, onFenced, newIncarnation, log } = this.#options;
    for (let round = 0; round < MAX_ROUNDS && !this.#closing; round += 1) {
      if (!this.#registered && !(await this.#register())) return;
      const reply = await this.#beat();
      if (reply.kind === 'ok') {
        if (reply.lapsed) this.#reassertDue = true;
        await this.#carryOut(reply);
        if (!this.#reassertDue) return;
        await reassert(this.#incarnation);
        this.#reassertDue = false;
      } else if (reply.kind === 'unknown') {
        log.warn('worker registry lost this worker, registering again');
        this.#registered = false;
        this.#reassertDue = true;
      } else {
        log.error('worker fenced', { incarnation: this.#incarnation });
        await onFenced(this.#incarnation);
        this.#incarnation = newIncarnation();
        this.#registered = false;
        this.#reassertDue = false;
      }
    }
  }

  async #carryOut({ serial, revoked, wanted }: WorkerCommands): Promise<void> {
    if (revoked.length > 0) await this.#options.onRevoked(revoked);
    if (wanted.length > 0) await this.#options.onWanted(wanted);
    if (serial > 0) this.#heard = serial;
  }

  /** False while another incarnation of this worker holds a lease. */
  async #register(): Promise<boolean> {
    const { registry, workerId, address, capacity, zone, version, report, clock, log } = this.#options;
    const sentAtMs = clock.monotonicMs();
    const answer = await registry.register({
      workerId,
      incarnation: this.#incarnation,
      address,
      capacity,
      leaseMs: LEASE_MS,
      ...(zone === undefined ? {} : { zone }),
      ...(version === undefined ? {} : { version }),
      state: this.#reassertDue ? 'full' : report().state,
    });
    if (answer === 'duplicate') {
      log.warn('another incarnation of this worker still holds a lease');
      return false;
    }
    this.#registered = true;
    this.#renewedAtMs = sentAtMs;
    this.#announceFirst();
    return true;
  }

  async #beat(): Promise<HeartbeatReply> {
    const { registry, workerId, report, clock } = this.#options;
    // The lease ran out unrenewed: live runs may have been placed elsewhere meanwhile.
    if (!this.held) this.#reassertDue = true;
    const { state, load } = report();
    const sentAtMs = clock.monotonicMs();
    const reply = await registry.heartbeat({
      workerId,
      incarnation: this.#incarnation,
      state: this.#reassertDue ? 'full' : state,
      load,
      leaseMs: LEASE_MS,
      heard: this.#heard,
    });
    if (reply.kind === 'ok') this.#renewedAtMs = sentAtMs;
    return reply;
  }
}
