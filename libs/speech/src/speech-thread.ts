import { Worker } from 'node:worker_threads';
import { Backoff, ParleyError, type CancelTimer, type Clock, type Log } from '@parley/kernel';
import { abortReason } from './abort-reason.js';
import type {
  Capability,
  ThreadCapabilities,
  ThreadJob,
  ThreadMessage,
  ThreadReport,
  ThreadResult,
  ThreadSetup,
} from './thread-protocol.js';

export interface SpeechThreadOptions {
  readonly script: URL;
  readonly serves: readonly Capability[];
  readonly clock: Clock;
  readonly log: Log;
  /** Called when the thread has nothing to do: after it became ready, and after its last job. */
  readonly onIdle?: () => void;
}

interface PendingJob {
  readonly resolve: (result: ThreadResult) => void;
  readonly reject: (error: Error) => void;
  readonly cancelDeadline: CancelTimer;
}

type Phase =
  | { readonly name: 'loading'; readonly worker: Worker; readonly cancelDeadline: CancelTimer }
  | { readonly name: 'ready'; readonly worker: Worker }
  | { readonly name: 'resting'; readonly cancelRestart: CancelTimer }
  | { readonly name: 'stopped' };

const LOAD_DEADLINE_MS = 60_000;
/** The longest job, 30 s of audio, takes some 3 s; whatever takes this long never ends. */
const JOB_DEADLINE_MS = 30_000;
const CLOSE_DEADLINE_MS = 2_000;

/**
 * One speech thread, seen from the main thread.
 *
 * 1. Every job settles: with its result, when the thread dies, when its deadline passes (the thread is then ended
 *    and started again), or when the thread is closed.
 * 2. A thread that dies is started again, with growing pauses up to half a minute. Only one that never became
 *    ready stays down: what it could not load once, it can't load the next time either.
 * 3. A job that is aborted is rejected at once; the thread counts as busy until it has said so itself.
 */
export class SpeechThread {
  readonly #options: SpeechThreadOptions;
  readonly #backoff = new Backoff({ firstMs: 100, capMs: 30_000, jitter: 0.2 });
  readonly #pending = new Map<number, PendingJob>();
  #phase: Phase = { name: 'stopped' };
  #onFirstReport: ((capabilities: ThreadCapabilities) => void) | undefined;
  #lastId = 0;
  #closing: Promise<void> | undefined;

  constructor(options: SpeechThreadOptions) {
    this.#options = options;
  }

  /** Starts the thread; resolves with what it could load, and never rejects. Call once. */
  start(): Promise<ThreadCapabilities> {
    return new Promise((resolve) => {
      this.#onFirstReport = resolve;
      this.#load();
    });
  }

  /** Ready, and with nothing to do. */
  get idle(): boolean {
    return this.#phase.name === 'ready' && this.#pending.size === 0;
  }

  /** `handOver`: buffers of the job that the thread takes; they are empty here afterwards. */
  perform(job: ThreadJob, handOver: readonly ArrayBuffer[], signal?: AbortSignal): Promise<ThreadResult> {
    const phase = this.#phase;
    if (phase.name !== 'ready') {
      return Promise.reject(unavailable('The speech thread is not running.', { retryable: true }));
    }
    const id = ++this.#lastId;
    return new Promise<ThreadResult>((resolve, reject) => {
      if (signal?.aborted) return reject(abortReason(signal));
      const onAbort = (): void => {
        post(phase.worker, { kind: 'cancel', id });
        reject(abortReason(signal));
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      const settle = <T>(answer: (value: T) => void): ((value: T) => void) => {
        return (value) => {
          signal?.removeEventListener('abort', onAbort);
          answer(value);
        };
      };
      const cancelDeadline = this.#options.clock.after(JOB_DEADLINE_MS, () => void phase.worker.terminate());
      this.#pending.set(id, { resolve: settle(resolve), reject: settle(reject), cancelDeadline });
      post(phase.worker, { kind: 'job', id, job }, handOver);
    });
  }

  forget(microphone: number): void {
    if (this.#phase.name === 'ready') post(this.#phase.worker, { kind: 'forget', microphone });
  }

  /** Idempotent; resolves once the thread is gone. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const phase = this.#phase;
    this.#phase = { name: 'stopped' };
    if (phase.name === 'resting') phase.cancelRestart();
    if (phase.name === 'loading') phase.cancelDeadline();
    this.#rejectAll(unavailable('The speech engine is closed.', { retryable: false }));
    this.#firstReport({});
    if (phase.name === 'loading') await phase.worker.terminate();
    if (phase.name === 'ready') await endGently(phase.worker, this.#options.clock);
  }

  #load(): void {
    const { script, serves, clock } = this.#options;
    const setup: ThreadSetup = { serves };
    // No flags of the parent (loaders, inspectors) and no environment: the thread needs neither.
    const worker = new Worker(script, { workerData: setup, execArgv: [], env: {} });
    const cancelDeadline = clock.after(LOAD_DEADLINE_MS, () => void worker.terminate());
    this.#phase = { name: 'loading', worker, cancelDeadline };
    let cause: unknown;
    worker.on('message', (report: ThreadReport) => this.#accept(worker, report));
    worker.on('error', (error) => (cause = error));
    worker.on('exit', (exitCode) => this.#onExit(worker, exitCode, cause));
  }

  #accept(worker: Worker, report: ThreadReport): void {
    if (report.kind === 'ready') {
      if (this.#phase.name !== 'loading' || this.#phase.worker !== worker) return;
      this.#phase.cancelDeadline();
      this.#phase = { name: 'ready', worker };
      this.#firstReport(report.capabilities);
      this.#options.onIdle?.();
      return;
    }
    const job = this.#pending.get(report.id);
    if (!job) return;
    this.#pending.delete(report.id);
    job.cancelDeadline();
    this.#backoff.reset();
    if (report.kind === 'done') job.resolve(report.result);
    else job.reject(errorOf(report));
    if (this.#pending.size === 0) this.#options.onIdle?.();
  }

  #onExit(worker: Worker, exitCode: number, cause: unknown): void {
    const phase = this.#phase;
    if ((phase.name !== 'loading' && phase.name !== 'ready') || phase.worker !== worker) return;
    if (phase.name === 'loading') phase.cancelDeadline();
    this.#options.log.warn('a speech thread ended', { exitCode, error: cause });
    this.#rejectAll(unavailable('The speech thread ended.', { retryable: true, cause }));
    if (this.#onFirstReport) {
      this.#phase = { name: 'stopped' };
      this.#firstReport(allUnavailable(this.#options.serves, exitCode, cause));
      return;
    }
    const delayMs = this.#backoff.nextDelayMs();
    const cancelRestart = this.#options.clock.after(delayMs, () => this.#load());
    this.#phase = { name: 'resting', cancelRestart };
  }

  #firstReport(capabilities: ThreadCapabilities): void {
    this.#onFirstReport?.(capabilities);
    this.#onFirstReport = undefined;
  }

  #rejectAll(error: ParleyError): void {
    for (const job of this.#pending.values()) {
      job.cancelDeadline();
      job.reject(error);
    }
    this.#pending.clear();
  }
}

/** ONNX Runtime's sessions are best let go by the thread that made them; a thread that hangs is ended. */
async function endGently(worker: Worker, clock: Clock): Promise<void> {
  const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  post(worker, { kind: 'close' });
  const cancel = clock.after(CLOSE_DEADLINE_MS, () => void worker.terminate());
  await gone;
  cancel();
}

function post(worker: Worker, message: ThreadMessage, handOver: readonly ArrayBuffer[] = []): void {
  worker.postMessage(message, handOver);
}

function allUnavailable(serves: readonly Capability[], exitCode: number, cause: unknown): ThreadCapabilities {
  const why = cause instanceof Error ? cause.message : `exit code ${exitCode}`;
  const state = { available: false, reason: `the speech thread ended while it loaded: ${why}` } as const;
  return Object.fromEntries(serves.map((capability) => [capability, state]));
}

function errorOf(report: Extract<ThreadReport, { kind: 'failed' }>): ParleyError {
  const { code, message, retryable, cause } = report;
  return new ParleyError(code, message, { retryable, cause });
}

function unavailable(message: string, options: { retryable: boolean; cause?: unknown }): ParleyError {
  return new ParleyError('provider_unavailable', message, { kind: 'unavailable', ...options });
}
