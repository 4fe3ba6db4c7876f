import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { sleep, type Clock } from '@parley/kernel';

const STOP_GRACE_MS = 3_000;
const STDERR_KEPT = 4_096;

export interface ChildServerOptions<T> {
  readonly command: string;
  readonly args: readonly string[];
  /** Reads a line of the child's output; what is not undefined says that it answers now. */
  readonly readyFrom: (line: string) => T | undefined;
  readonly readyWithinMs: number;
  readonly clock: Clock;
}

/**
 * A server process of our own, from its start to its end.
 *
 * 1. It holds one end of our stdin pipe, so it can notice that we ended.
 * 2. `stop` and `kill` may be called at any time and more than once; `stop` resolves when the process is gone.
 */
export class ChildServer {
  readonly pid: number;
  /** Resolves when the process is gone, with how it ended: `exit 0`, `SIGKILL`. */
  readonly ended: Promise<string>;
  #running = true;
  readonly #child: ChildProcess;
  readonly #clock: Clock;

  private constructor(child: ChildProcess, pid: number, clock: Clock) {
    this.#child = child;
    this.pid = pid;
    this.#clock = clock;
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#running = false;
        child.stdin?.destroy();
        resolve(signal ?? `exit ${code}`);
      });
    });
  }

  /** Rejects when the process can't be started, ends early or is not ready in time; nothing is left running then. */
  static async start<T>(options: ChildServerOptions<T>): Promise<{ server: ChildServer; ready: T }> {
    const { command, args, readyFrom, readyWithinMs, clock } = options;
    // not in the terminal's group: on Ctrl-C it must outlive those who still need it to drain
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    child.stdin.on('error', () => undefined);
    let complaints = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaints = (complaints + chunk.toString()).slice(-STDERR_KEPT);
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    if (child.pid === undefined) throw new Error(`${command} has no process id`);
    const server = new ChildServer(child, child.pid, clock);
    const giveUp = new AbortController();
    try {
      const ready = await Promise.race([
        new Promise<T>((resolve) => {
          // Goes on reading after that, so that the pipe never fills.
          createInterface({ input: child.stdout }).on('line', (line) => {
            const answer = readyFrom(line);
            if (answer !== undefined) resolve(answer);
          });
        }),
        server.ended.then((how) => Promise.reject(new Error(`${command} ended (${how}): ${complaints}`))),
        sleep(clock, readyWithinMs, giveUp.signal).then(() =>
          Promise.reject(new Error(`${command} was not ready within ${readyWithinMs} ms`)),
        ),
      ]);
      return { server, ready };
    } catch (error) {
      server.kill('SIGKILL');
      await server.ended;
      throw error;
    } finally {
      giveUp.abort();
    }
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#running) this.#child.kill(signal);
  }

  async stop(): Promise<void> {
    this.kill('SIGTERM');
    const cancel = this.#clock.after(STOP_GRACE_MS, () => this.kill('SIGKILL'));
    await this.ended;
    cancel();
  }
}
