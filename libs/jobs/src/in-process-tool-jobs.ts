import type { Clock } from '@parley/kernel';
import type { ToolJob, ToolJobOutcome, ToolJobs } from '@parley/live';
import { OutcomeWaiters } from './outcome-waiters.js';
import { executeToolJob, oversizedArguments, type RunTool } from './tool-execution.js';
import { queueClosed, untilInterrupted } from './tool-wait.js';

interface Execution {
  readonly abort: AbortController;
  readonly outcome: Promise<ToolJobOutcome>;
}

const KEPT = 1_000;

/**
 * Tool jobs that run in the process that submits them: for a single machine without a queue, and for tests.
 *
 * 1. A job id runs once; later submissions share its outcome, of the newest 1,000 jobs also after it finished.
 * 2. `close` ends all waits with `tool_backend_unavailable`, aborts what runs and resolves when nothing does.
 */
export class InProcessToolJobs implements ToolJobs {
  readonly #run: RunTool;
  readonly #clock: Clock;
  readonly #executions = new Map<string, Execution>();
  readonly #waiters = new OutcomeWaiters();
  #closed = false;

  constructor(options: { readonly run: RunTool; readonly clock: Clock }) {
    this.#run = options.run;
    this.#clock = options.clock;
  }

  async run(job: ToolJob, signal: AbortSignal): Promise<ToolJobOutcome> {
    if (this.#closed) throw queueClosed();
    const oversized = oversizedArguments(job);
    if (oversized) return oversized;
    const { outcome, leave } = this.#waiters.wait(job.jobId);
    try {
      return await untilInterrupted({
        job,
        signal,
        clock: this.#clock,
        start: () => {
          void this.#execution(job).outcome.then((result) => this.#waiters.settle(job.jobId, result));
          return outcome;
        },
        cancel: (reason) => this.#execution(job).abort.abort(reason),
      });
    } finally {
      leave();
    }
  }

  async cancel(jobId: string): Promise<void> {
    this.#executions.get(jobId)?.abort.abort();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#waiters.failAll(queueClosed());
    const executions = [...this.#executions.values()];
    for (const { abort } of executions) abort.abort(queueClosed());
    await Promise.all(executions.map(({ outcome }) => outcome));
  }

  #execution(job: ToolJob): Execution {
    const known = this.#executions.get(job.jobId);
    if (known) return known;
    const abort = new AbortController();
    const context = { signal: abort.signal, attempt: 1 };
    const execution = { abort, outcome: executeToolJob(this.#run, job, context, this.#clock) };
    this.#executions.set(job.jobId, execution);
    const [oldest] = this.#executions.keys();
    if (this.#executions.size > KEPT && oldest !== undefined) this.#executions.delete(oldest);
    return execution;
  }
}
