import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Command } from './parent-line.js';

const ANSWER_DEADLINE_MS = 60_000;
/** USER_HZ, fixed on Linux. */
const TICKS_PER_SECOND = 100;

const GOODBYE_MS = 2_000;

/** A process of the bench, forked from the bench's own program with a role. */
export class Child {
  readonly #process: ChildProcess;

  static async start(
    program: string,
    role: string,
    options: object,
  ): Promise<{ child: Child; port: number }> {
    const child = new Child(
      fork(program, [role, JSON.stringify(options)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
    );
    const { port } = (await child.#next()) as { port: number };
    return { child, port };
  }

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  async ask(command: Command): Promise<unknown> {
    const next = this.#next();
    this.#process.send(command);
    return ((await next) as { answer: unknown }).answer;
  }

  /** It may say goodbye to whom it talks to, for two seconds. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#process.exitCode !== null) return resolve();
      const kill = setTimeout(() => this.#process.kill('SIGKILL'), GOODBYE_MS);
      this.#process.once('exit', () => {
        clearTimeout(kill);
        resolve();
      });
      this.#process.disconnect();
    });
  }

  #next(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error('a process of the bench does not answer')),
        ANSWER_DEADLINE_MS,
      );
      this.#process.once('message', (message) => {
        clearTimeout(timer);
        resolve(message);
      });
      this.#process.once('exit', (code) => reject(new Error(`a process of the bench ended with ${code}`)));
    });
  }
}

/** CPU that a process has used so far, user and system, in milliseconds. Linux only. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
}
