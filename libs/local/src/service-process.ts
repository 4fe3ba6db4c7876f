import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { systemClock, withDeadline } from '@parley/kernel';

export interface ServiceProcessOptions {
  /** As shown: `gateway`, `worker-1` … */
  readonly name: string;
  /** Built program in `dist/`. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly readyDeadlineMs: number;
}

/** What a program prints as its first line once it serves. */
export interface ReadyLine {
  readonly ready: true;
  readonly port?: number;
  readonly [field: string]: unknown;
}

const LOG_TAIL_BYTES = 2_000;

/**
 * One program of the service as a child process.
 *
 * 1. `ready` settles once: with the program's first line, or with an error that carries the end of its log.
 * 2. `exited` resolves when the process is gone, whoever ended it.
 * 3. The child ends by itself when this process dies: its standard input closes.
 */
export class ServiceProcess {
  readonly name: string;
  readonly ready: Promise<ReadyLine>;
  readonly exited: Promise<number>;
  readonly #child: ChildProcess;
  readonly #logFile: string;
  #stopping = false;
  #up = false;

  constructor(options: ServiceProcessOptions) {
    this.name = options.name;
    this.#logFile = options.logFile;
    this.#child = spawn(process.execPath, ['--enable-source-maps', options.script, ...(options.args ?? [])], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: options.env,
      // not in the terminal's group: Ctrl-C reaches the launcher alone, which then drains its children in order
      detached: true,
    });
    const log = createWriteStream(options.logFile, { flags: 'w' });
    this.#child.stderr?.pipe(log, { end: false });
    this.#child.stdin?.on('error', () => undefined);
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve(code ?? (signal ? 128 : 1)));
      this.#child.once('error', () => resolve(1));
    });
    void this.exited.then(() => log.end());
    const line = this.#firstLine();
    this.ready = withDeadline(systemClock, options.readyDeadlineMs, line, () =>
      this.#failure('was not ready in time'),
    );
    this.ready.then(
      () => (this.#up = this.#child.exitCode === null && this.#child.signalCode === null),
      () => undefined,
    );
    void this.exited.then(() => (this.#up = false));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** True while it runs and has said that it serves. */
  get up(): boolean {
    return this.#up;
  }

  /** True while the process has not been asked to stop. */
  get wanted(): boolean {
    return !this.#stopping;
  }

  /** SIGTERM, then SIGKILL after `graceMs`; resolves with the exit code. */
  async stop(graceMs: number): Promise<number> {
    this.#stopping = true;
    this.#child.kill('SIGTERM');
    this.#child.kill('SIGCONT');
    const cancel = systemClock.after(graceMs, () => void this.#child.kill('SIGKILL'));
    const code = await this.exited;
    cancel();
    return code;
  }

  /** Sends a signal as it is, for tests of what happens when a process dies or stands still. */
  kill(signal: NodeJS.Signals): void {
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') this.#stopping = true;
    this.#child.kill(signal);
  }

  logTail(): string {
    try {
      return readFileSync(this.#logFile, 'utf8').slice(-LOG_TAIL_BYTES);
    } catch {
      return '';
    }
  }

  #firstLine(): Promise<ReadyLine> {
    return new Promise((resolve, reject) => {
      const { stdout } = this.#child;
      if (!stdout) return reject(this.#failure('has no output'));
      const lines = createInterface({ input: stdout });
      lines.on('line', (text) => {
        const line = readyLine(text);
        if (line) resolve(line);
      });
      void this.exited.then((code) => reject(this.#failure(`ended with code ${code} before it was ready`)));
    });
  }

  #failure(what: string): Error {
    return new Error(`${this.name} ${what}.\n${this.logTail()}`.trim());
  }
}

function readyLine(text: string): ReadyLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'ready' in value && value.ready === true
      ? (value as ReadyLine)
      : undefined;
  } catch {
    return undefined;
  }
}
