import { ParleyError } from '@parley/kernel';
import { Worker } from 'node:worker_threads';
import type { LibsqlThreadData, SqlParameter, ThreadReply, ThreadRequest } from './thread-protocol.js';
import { unavailable } from '../sql-error.js';

export interface ThreadResult {
  readonly rows: readonly unknown[];
  readonly changes: number | undefined;
}

interface Pending {
  readonly resolve: (result: ThreadResult) => void;
  readonly reject: (error: Error) => void;
}

/** What the thread answered instead of rows; `code` is SQLite's (`SQLITE_CONSTRAINT_UNIQUE` …). */
export class LibsqlError extends Error {
  override readonly name = 'LibsqlError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The process's end of the thread that owns the database file, so that no query blocks the event loop.
 *
 * 1. Statements run in the order they were given; each one is answered, or rejected when the thread ends.
 * 2. A thread that ended by itself is not started again: every later statement is rejected as unavailable.
 * 3. `close` lets what was given finish, closes the file and ends the thread. It may be called twice.
 */
export class LibsqlThread {
  readonly #worker: Worker;
  readonly #pending: Pending[] = [];
  readonly #ended: Promise<void>;
  #closing: Promise<void> | undefined;
  #over = false;

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.#ended = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#over = true;
        this.#rejectAll(unavailable('The database thread has ended.'));
        resolve();
      });
    });
    worker.on('error', (error) => this.#rejectAll(unavailable('The database thread failed.', error)));
    worker.on('message', (reply: ThreadReply) => this.#settle(reply));
  }

  /** Resolves when the file is open. */
  static async start(script: URL, data: LibsqlThreadData): Promise<LibsqlThread> {
    const worker = new Worker(script, { workerData: data, execArgv: [], name: 'libsql' });
    const thread = new LibsqlThread(worker);
    try {
      await new Promise<ThreadResult>((resolve, reject) => thread.#pending.push({ resolve, reject }));
      return thread;
    } catch (error) {
      await thread.#ended;
      throw error;
    }
  }

  execute(sql: string, parameters: readonly unknown[]): Promise<ThreadResult> {
    if (this.#over || this.#closing) return Promise.reject(unavailable('The database is closed.'));
    const checked = parameters.map(checkedParameter);
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject });
      this.#send({ kind: 'execute', sql, parameters: checked });
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (!this.#over) this.#send({ kind: 'close' });
    await this.#ended;
  }

  #send(request: ThreadRequest): void {
    this.#worker.postMessage(request);
  }

  #settle(reply: ThreadReply): void {
    const pending = this.#pending.shift();
    if (!pending) return;
    if (reply.kind === 'failed') pending.reject(new LibsqlError(reply.code, reply.message));
    else if (reply.kind === 'opened') pending.resolve({ rows: [], changes: undefined });
    else pending.resolve({ rows: reply.rows, changes: reply.changes });
  }

  #rejectAll(error: Error): void {
    for (const pending of this.#pending.splice(0)) pending.reject(error);
  }
}

function checkedParameter(value: unknown): SqlParameter {
  if (value === null || typeof value === 'string' || typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new ParleyError('internal', 'A database statement was given a value that SQL has no type for.', {
    details: { type: typeof value },
  });
}
