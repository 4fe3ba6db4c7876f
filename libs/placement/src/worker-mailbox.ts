import { MAX_COMMANDS, type WorkerCommands } from './worker-registry.js';

interface Command {
  readonly kind: 'revoked' | 'wanted';
  readonly serial: number;
  readonly untilMs: number;
}

/** What waits for one worker of `InMemoryPlacement`: at most one command for a live run, `MAX_COMMANDS` in all. */
export class WorkerMailbox {
  readonly #commands = new Map<string, Command>();

  post(liveId: string, command: Command, nowMs: number): void {
    if (this.#commands.size >= MAX_COMMANDS) this.#expire(nowMs);
    if (this.#commands.size < MAX_COMMANDS) this.#commands.set(liveId, command);
  }

  /** For a run that came or went meanwhile. */
  cancel(liveId: string): void {
    this.#commands.delete(liveId);
  }

  /** Everything but what the worker has `heard`. */
  read(heard: number, nowMs: number): WorkerCommands {
    this.#expire(nowMs);
    for (const [liveId, { serial }] of this.#commands) if (serial <= heard) this.#commands.delete(liveId);
    const liveIdsOf = (wanted: Command['kind']): string[] =>
      [...this.#commands].flatMap(([liveId, { kind }]) => (kind === wanted ? [liveId] : [])).sort();
    const serial = Math.max(0, ...[...this.#commands.values()].map((command) => command.serial));
    return { serial, revoked: liveIdsOf('revoked'), wanted: liveIdsOf('wanted') };
  }

  #expire(nowMs: number): void {
    for (const [liveId, { untilMs }] of this.#commands) if (untilMs <= nowMs) this.#commands.delete(liveId);
  }
}
