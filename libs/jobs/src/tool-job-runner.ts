import { QueueEvents, WaitingError, Worker, type Job } from 'bullmq';
import { ParleyError, withDeadline, type Clock, type Log } from '@parley/kernel';
import type { ToolJobOutcome } from '@parley/live';
import type { QueueConnectionOptions } from '@parley/redis';
import { JOBS, QUEUE_PREFIX } from './job-catalog.js';
import { JobWaits } from './job-waits.js';
import { QueueLink } from './queue-link.js';
import { CANCELLED, CancelledJobs } from './tool-job-cancellation.js';
import { executeToolJob, type RunTool } from './tool-execution.js';

export interface ToolJobRunnerOptions {
  readonly connection: QueueConnectionOptions;
  readonly run: RunTool;
  readonly clock: Clock;
  readonly log: Log;
  /** Jobs at once; default 20. */
  readonly concurrency?: number;
  /** How soon a lost runner's jobs are taken up again; default: as the job catalog says. */
  readonly stall?: { readonly lockMs: number; readonly stalledCheckMs: number };
}

const CONCURRENCY = 20;
const RETRY_MS = 1_000;
/** A job that waited for so much longer than its submitter waits for it is not begun any more. */
const PATIENCE_MS = 60_000;
const FORCED_CLOSE_MS = 2_000;

interface Running {
  readonly abort: AbortController;
  readonly timeoutMs: number;
}

const SHUTDOWN = new Error('The runner shuts down.');

const { queue, payload, maxStalled } = JOBS.tool;

/**
 * The tool-runner's side of the tool queue.
 *
 * 1. A job that is taken up completes with exactly one outcome, whatever its tool does.
 * 2. A job whose runner is lost is taken up again by another one, at most `maxStalled` times; the tool sees `attempt`.
 *    Only the holder of a job's lock can complete it, so two runners never give two outcomes.
 * 3. A job that has waited for longer than anyone waits for it, say because no runner was there, fails; how long it has is
 *    measured by Redis's clock, so that no machine's own counts.
 * 4. `close` takes up nothing more and waits for what runs; jobs that are not done by then go back to the queue.
 */
export class ToolJobRunner {
  readonly #worker: Worker;
  readonly #events: QueueEvents;
  readonly #link: QueueLink;
  readonly #run: RunTool;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #running = new Map<string, Running>();
  readonly #waits = new JobWaits();
  readonly #cancelled = new CancelledJobs();
  #closing: Promise<void> | undefined;

  constructor(options: ToolJobRunnerOptions) {
    const { connection, run, clock, log, concurrency = CONCURRENCY, stall = JOBS.tool } = options;
    this.#run = run;
    this.#clock = clock;
    this.#log = log;
    this.#link = new QueueLink(connection, clock, log);
    const shared = { connection: this.#link.options, prefix: QUEUE_PREFIX };
    // From the start of the (short) stream, as `BullToolJobs` reads it and for the same reason.
    this.#events = new QueueEvents(queue, { ...shared, lastEventId: '0-0' });
    this.#events.on('error', this.#link.report);
    this.#events.on('progress', ({ jobId, data }) => {
      if (data === CANCELLED) this.#cancel(jobId);
    });
    this.#events.on('added', ({ jobId }, eventId) => this.#waits.added(jobId, eventId));
    this.#events.on('active', ({ jobId }, eventId) => this.#takenUp(jobId, eventId));
    this.#worker = new Worker(queue, (job, token) => this.#process(job, token), {
      ...shared,
      concurrency,
      lockDuration: stall.lockMs,
      stalledInterval: stall.stalledCheckMs,
      maxStalledCount: maxStalled,
      runRetryDelay: RETRY_MS,
    });
    this.#worker.on('error', this.#link.report);
    this.#worker.on('lockRenewalFailed', (jobIds) => {
      for (const jobId of jobIds) this.#abort(jobId, new Error('another runner may have this job'));
    });
  }

  /** How many jobs run now. */
  get running(): number {
    return this.#running.size;
  }

  /** Resolves when the runner takes jobs; it keeps trying while Redis is away. */
  async whenReady(): Promise<void> {
    await Promise.all([this.#worker.waitUntilReady(), this.#events.waitUntilReady()]);
  }

  /** Waits up to `graceMs` for the jobs that run. */
  close(graceMs: number): Promise<void> {
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    const drained = this.#worker.close();
    const stopWaiting = this.#clock.after(graceMs, () => {
      this.#link.giveUp();
      for (const jobId of this.#running.keys()) this.#abort(jobId, SHUTDOWN);
    });
    const late = (): Error => new Error('not closed in time');
    try {
      await withDeadline(this.#clock, graceMs + FORCED_CLOSE_MS, drained, late);
      this.#link.giveUp();
      await withDeadline(this.#clock, FORCED_CLOSE_MS, this.#events.close(), late);
    } catch (error) {
      this.#log.warn('tool runner did not close cleanly', { error });
    } finally {
      stopWaiting();
    }
  }

  async #process(bullJob: Job, token: string | undefined): Promise<ToolJobOutcome> {
    const parsed = payload.safeParse(bullJob.data);
    if (!parsed.success) {
      this.#log.error('malformed tool job', { jobId: bullJob.id });
      return { ok: false, error: 'The tool call could not be understood.' };
    }
    // BullMQ may take up one more job in the instant of closing.
    if (this.#closing) return this.#giveBack(bullJob, token);
    const job = parsed.data;
    const abort = new AbortController();
    this.#running.set(job.jobId, { abort, timeoutMs: job.timeoutMs });
    try {
      if (bullJob.progress === CANCELLED || this.#cancelled.has(job.jobId)) {
        this.#cancel(job.jobId);
      }
      const context = { signal: abort.signal, attempt: bullJob.attemptsStarted };
      const outcome = await executeToolJob(this.#run, job, context, this.#clock);
      if (outcome.ok || abort.signal.reason !== SHUTDOWN) return outcome;
    } finally {
      this.#running.delete(job.jobId);
    }
    return this.#giveBack(bullJob, token);
  }

  async #giveBack(bullJob: Job, token: string | undefined): Promise<never> {
    await bullJob.moveToWait(token);
    throw new WaitingError();
  }

  /** Told soon after the job has begun; that it had begun before its patience ran out is what counts. */
  #takenUp(jobId: string, eventId: string): void {
    const waitedMs = this.#waits.takenUp(jobId, eventId) ?? 0;
    const running = this.#running.get(jobId);
    if (running && waitedMs > running.timeoutMs + PATIENCE_MS) {
      running.abort.abort(new ParleyError('tool_timeout', 'The call is too old.'));
    }
  }

  #cancel(jobId: string): void {
    this.#cancelled.add(jobId);
    this.#abort(jobId, new Error('The call was cancelled.'));
  }

  #abort(jobId: string, reason: Error): void {
    this.#running.get(jobId)?.abort.abort(reason);
  }
}
