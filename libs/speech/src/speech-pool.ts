import { ParleyError, type Clock, type Log } from '@parley/kernel';
import { abortReason } from './abort-reason.js';
import { SpeechThread } from './speech-thread.js';
import type { Capability, ThreadCapabilities, ThreadJob, ThreadResult } from './thread-protocol.js';

export interface SpeechPoolOptions {
  readonly threads: number;
  readonly maxQueuedJobs: number;
  readonly script: URL;
  readonly serves: readonly Capability[];
  readonly clock: Clock;
  readonly log: Log;
}

interface QueuedJob {
  readonly job: ThreadJob;
  readonly handOver: readonly ArrayBuffer[];
  readonly signal: AbortSignal | undefined;
  readonly resolve: (result: Promise<ThreadResult>) => void;
  readonly reject: (error: Error) => void;
  readonly stopListening: () => void;
}

/**
 * Threads that all serve the same, one job each at a time.
 *
 * 1. Jobs start in the order in which they came, each on the first thread that is free.
 * 2. At most `maxQueuedJobs` wait; one more is refused with `capacity_exhausted`.
 * 3. A job that is aborted while it waits leaves the queue and reaches no thread.
 */
export class SpeechPool {
  readonly #threads: readonly SpeechThread[];
  readonly #maxQueuedJobs: number;
  readonly #queue: QueuedJob[] = [];
  #closed = false;

  constructor(options: SpeechPoolOptions) {
    this.#maxQueuedJobs = options.maxQueuedJobs;
    this.#threads = Array.from(
      { length: options.threads },
      () => new SpeechThread({ ...options, onIdle: () => this.#dispatch() }),
    );
  }

  /** Resolves with what the threads could load: what one of them has counts. Never rejects; call once. */
  async start(): Promise<ThreadCapabilities> {
    const reports = await Promise.all(this.#threads.map((thread) => thread.start()));
    const best: ThreadCapabilities = {};
    for (const report of reports) {
      for (const [name, state] of Object.entries(report) as [Capability, ThreadCapabilities[Capability]][]) {
        if (state && !best[name]?.available) best[name] = state;
      }
    }
    return best;
  }

  perform(job: ThreadJob, handOver: readonly ArrayBuffer[], signal?: AbortSignal): Promise<ThreadResult> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(closedError());
      if (signal?.aborted) return reject(abortReason(signal));
      if (this.#queue.length >= this.#maxQueuedJobs) return reject(fullError());
      const onAbort = (): void => {
        const at = this.#queue.indexOf(queued);
        if (at >= 0) this.#queue.splice(at, 1);
        reject(abortReason(signal));
      };
      const stopListening = (): void => signal?.removeEventListener('abort', onAbort);
      const queued: QueuedJob = { job, handOver, signal, resolve, reject, stopListening };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(queued);
      this.#dispatch();
    });
  }

  /** Idempotent; resolves once all threads are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const queued of this.#queue.splice(0)) {
      queued.stopListening();
      queued.reject(closedError());
    }
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const thread = this.#threads.find((candidate) => candidate.idle);
      if (!thread) return;
      const next = this.#queue.shift();
      next?.stopListening();
      next?.resolve(thread.perform(next.job, next.handOver, next.signal));
    }
  }
}

function fullError(): ParleyError {
  return new ParleyError('capacity_exhausted', 'Too much speech is waiting to be worked on.', {
    kind: 'resource_exhausted',
    retryable: true,
    retryAfterMs: 1000,
  });
}

function closedError(): ParleyError {
  return new ParleyError('provider_unavailable', 'The speech engine is closed.', { kind: 'unavailable' });
}
