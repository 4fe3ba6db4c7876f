import { sleep, systemClock } from '@parley/kernel';
import type { ReadyLine, ServiceProcess } from './service-process.js';

export interface ProcessKeeperOptions {
  readonly name: string;
  /** Starts the process; `port` is that of the one before, whose place it takes. */
  readonly launch: (start: { readonly nth: number; readonly port: number | undefined }) => ServiceProcess;
  /** How long after its end it is started again; undefined: not at all. */
  readonly restartPauseMs: number | undefined;
  /** Told each time that it serves, and each time that it is gone. */
  readonly onUp?: () => void;
  readonly onGone?: () => void;
  /** It ended without being asked to, and is not started again. */
  readonly onFailed: () => void;
}

/**
 * Keeps one process of the stack running.
 *
 * 1. `start` rejects when the first process does not get ready; later ones are tried until one does.
 * 2. After `stop` nothing is started any more; idempotent.
 */
export class ProcessKeeper {
  readonly name: string;
  readonly #options: ProcessKeeperOptions;
  readonly #ending = new AbortController();
  #process: ServiceProcess | undefined;
  #ready: ReadyLine | undefined;
  #starts = 0;
  #stopped: Promise<void> | undefined;

  constructor(options: ProcessKeeperOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** The newest one; it may be gone. */
  get process(): ServiceProcess | undefined {
    return this.#process;
  }

  /** What it said when it was ready the last time. */
  get readyLine(): ReadyLine | undefined {
    return this.#ready;
  }

  /** How often it has been started. */
  get starts(): number {
    return this.#starts;
  }

  async start(): Promise<void> {
    await this.#launch();
    void this.#keep();
  }

  stop(graceMs: number): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  async #stop(graceMs: number): Promise<void> {
    this.#ending.abort();
    await this.#process?.stop(graceMs);
  }

  async #launch(): Promise<void> {
    this.#starts += 1;
    const child = this.#options.launch({ nth: this.#starts, port: this.#ready?.port });
    this.#process = child;
    this.#ready = await child.ready;
    this.#options.onUp?.();
  }

  async #keep(): Promise<void> {
    const { restartPauseMs, onGone, onFailed } = this.#options;
    const { signal } = this.#ending;
    for (;;) {
      const child = this.#process;
      await child?.exited;
      onGone?.();
      if (signal.aborted) return;
      if (restartPauseMs === undefined) {
        if (child?.wanted) onFailed();
        return;
      }
      await sleep(systemClock, restartPauseMs, signal);
      if (signal.aborted) return;
      // one that does not get ready has ended, or is ended here and tried again
      await this.#launch().catch(() => this.#process?.stop(0));
      if (signal.aborted) await this.#process?.stop(0);
    }
  }
}
