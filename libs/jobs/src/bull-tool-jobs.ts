import { Queue, QueueEvents, type Job } from 'bullmq';
import { withDeadline, type CancelTimer, type Clock, type Log } from '@parley/kernel';
import type { ToolJob, ToolJobOutcome, ToolJobs } from '@parley/live';
import type { QueueConnectionOptions } from '@parley/redis';
import { JOBS, QUEUE_PREFIX } from './job-catalog.js';
import { OutcomeWaiters } from './outcome-waiters.js';
import { QueueLink } from './queue-link.js';
import { CANCELLED } from './tool-job-cancellation.js';
import { oversizedArguments } from './tool-execution.js';
import { queueClosed, queueUnavailable, untilInterrupted } from './tool-wait.js';

export interface BullToolJobsOptions {
  readonly connection: QueueConnectionOptions;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a job may wait to be taken by Redis (a failover takes up to 15 s); default 30,000. */
  readonly submitWithinMs?: number;
  /** Jobs that may wait for their outcome at once; default 1,000. More are refused. */
  readonly maxPending?: number;
}

const SUBMIT_WITHIN_MS = 30_000;
const MAX_PENDING = 1_000;
/** Outcomes arrive as events; this is how long it takes to notice one whose event was lost. */
const LOOK_EVERY_MS = 5_000;
const CLOSE_WITHIN_MS = 2_000;

const { name, queue, outcome, keptForMs, keptJobs, keptEvents } = JOBS.tool;

/**
 * The worker's side of the tool queue.
 *
 * 1. Each `run` settles exactly once: with the job's outcome, or with one of the errors of the port.
 * 2. A job id that is submitted again runs no second time while its outcome is kept.
 * 3. A job that was given up before Redis took it is cancelled when Redis takes it after all.
 * 4. `close` ends all waits with `tool_backend_unavailable`; the jobs go on until whoever takes the run over cancels them.
 */
export class BullToolJobs implements ToolJobs {
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #link: QueueLink;
  readonly #waiters = new OutcomeWaiters();
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #submitWithinMs: number;
  readonly #maxPending: number;
  readonly #stopLooking: CancelTimer;
  #closing: Promise<void> | undefined;

  constructor(options: BullToolJobsOptions) {
    const { connection, clock, log } = options;
    this.#clock = clock;
    this.#log = log;
    this.#submitWithinMs = options.submitWithinMs ?? SUBMIT_WITHIN_MS;
    this.#maxPending = options.maxPending ?? MAX_PENDING;
    this.#link = new QueueLink(connection, clock, log);
    const shared = { connection: this.#link.options, prefix: QUEUE_PREFIX };
    this.#queue = new Queue(queue, { ...shared, streams: { events: { maxLen: keptEvents } } });
    // From the start of the (short) stream: "from now on" would be asked anew with each read until the first event,
    // and lose what comes between two reads.
    this.#events = new QueueEvents(queue, { ...shared, lastEventId: '0-0' });
    this.#queue.on('error', this.#link.report);
    this.#events.on('error', this.#link.report);
    this.#events.on('completed', ({ jobId, returnvalue }) => this.#completed(jobId, returnvalue));
    this.#events.on('failed', ({ jobId, failedReason }) => this.#failed(jobId, failedReason));
    this.#stopLooking = clock.every(LOOK_EVERY_MS, () => void this.#lookAll());
  }

  async run(job: ToolJob, signal: AbortSignal): Promise<ToolJobOutcome> {
    if (this.#closing) throw queueClosed();
    if (this.#waiters.size >= this.#maxPending) throw queueUnavailable(new Error('too many jobs wait'));
    const oversized = oversizedArguments(job);
    if (oversized) return oversized;
    const { outcome, leave } = this.#waiters.wait(job.jobId);
    let submission: Promise<void> | undefined;
    try {
      return await untilInterrupted({
        job,
        signal,
        clock: this.#clock,
        start: () => {
          submission = this.#submit(job);
          return Promise.race([outcome, submission.then(() => outcome)]);
        },
        cancel: () => {
          if (submission) void this.#cancelAfter(submission, job.jobId);
        },
      });
    } finally {
      leave();
    }
  }

  cancel(jobId: string): Promise<void> {
    return this.#cancel(jobId);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopLooking();
    this.#waiters.failAll(queueClosed());
    this.#link.giveUp();
    const closed = Promise.allSettled([this.#events.close(), this.#queue.close()]);
    await withDeadline(this.#clock, CLOSE_WITHIN_MS, closed, () => new Error('not closed in time')).catch(
      (error: unknown) => this.#log.warn('job queue did not close cleanly', { error }),
    );
  }

  /** Rejects with `tool_backend_unavailable` when Redis does not take the job in time. */
  async #submit(job: ToolJob): Promise<void> {
    const added = this.#queue.add(name, job, {
      jobId: job.jobId,
      attempts: 1,
      removeOnComplete: { age: keptForMs / 1_000, count: keptJobs },
      removeOnFail: { age: keptForMs / 1_000, count: keptJobs },
    });
    let late = false;
    added.then(
      () => (late ? this.#cancel(job.jobId) : this.#look(job.jobId)),
      () => undefined,
    );
    try {
      await withDeadline(this.#clock, this.#submitWithinMs, added, () => new Error('not submitted in time'));
    } catch (error) {
      late = true;
      throw queueUnavailable(error);
    }
  }

  async #cancelAfter(submission: Promise<void>, jobId: string): Promise<void> {
    await submission.catch(() => undefined);
    await this.#cancel(jobId);
  }

  /** The flag outlives this process and a lost runner; a job that nobody has taken up yet is removed besides. */
  async #cancel(jobId: string): Promise<void> {
    try {
      await this.#queue.updateJobProgress(jobId, CANCELLED);
      if ((await this.#queue.getJobState(jobId)) === 'waiting') await this.#queue.remove(jobId);
    } catch (error) {
      if (!this.#closing) this.#log.debug('tool job not cancelled', { jobId, error });
    }
  }

  async #lookAll(): Promise<void> {
    for (const jobId of this.#waiters.jobIds()) await this.#look(jobId);
  }

  /** Settles the job if it has finished, as one that is submitted again may have long ago. */
  async #look(jobId: string): Promise<void> {
    try {
      const job: Job | undefined = await this.#queue.getJob(jobId);
      if (job?.finishedOn === undefined) return;
      if (job.failedReason) this.#failed(jobId, job.failedReason);
      else this.#completed(jobId, job.returnvalue);
    } catch (error) {
      if (!this.#closing) this.#log.debug('tool job not looked up', { jobId, error });
    }
  }

  #completed(jobId: string, returned: unknown): void {
    const parsed = outcome.safeParse(returned);
    if (parsed.success) this.#waiters.settle(jobId, parsed.data);
    else this.#failed(jobId, 'malformed outcome');
  }

  /** The queue gave the job up: a tool that fails completes its job, with an error. */
  #failed(jobId: string, reason: string): void {
    const error = 'The tool was interrupted and did not finish.';
    if (this.#waiters.settle(jobId, { ok: false, error }) > 0) {
      this.#log.warn('tool job failed', { jobId, reason });
    }
  }
}
