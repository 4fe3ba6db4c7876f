import { sleep, type Clock } from '@parley/kernel';
import type { LiveConnection } from '../model/live-model.js';

/** Some of what makes a moment safe is only that nothing has happened for a while. */
const LOOK_EVERY_MS = 50;

export type LeaveMoment = 'safe' | 'forced' | 'ended' | 'between_agents';

/** The agent that talks. */
export interface OnLine {
  readonly connection: LiveConnection;
  /** Whether a tool is at work whose answer would be lost if the agent left. */
  readonly busy: () => boolean;
  /** From now on nothing goes to the model. */
  readonly hold: () => void;
  readonly release: () => void;
}

export interface LiveLineParts {
  readonly clock: Clock;
  /** Audio of the user that no agent has been given. */
  readonly queuedAudioMs: () => number;
}

/**
 * The connection of whichever agent is on the line, for what whoever runs the call may ask of it.
 *
 * 1. Nothing here rejects, and every wait ends with the run.
 * 2. While it is held nothing goes to the model, no tool is started and no socket is opened. What the user says waits
 *    in the queue, by the rules of the queue; what the model says is still received.
 */
export class LiveLine {
  readonly #parts: LiveLineParts;
  readonly #over = new AbortController();
  #onLine: OnLine | undefined;
  #held: { readonly until: Promise<void>; readonly release: () => void } | undefined;

  constructor(parts: LiveLineParts) {
    this.#parts = parts;
  }

  /** How much of the newest audio of the user, in ms, whoever takes the run over would have to hear again. */
  get unsettledAudioMs(): number {
    return Math.ceil(this.#parts.queuedAudioMs() + (this.#onLine?.connection.unsettledAudioMs ?? 0));
  }

  /**
   * Moves the conversation to a new socket at its next safe point, at the latest within `withinMs`. Between two agents
   * there is nothing to move. Never rejects.
   */
  async rotate(withinMs?: number): Promise<'rotated' | 'ended' | 'between_agents'> {
    return (await this.#onLine?.connection.rotate(withinMs)) ?? 'between_agents';
  }

  /**
   * Resolves at the next moment at which the run could be left and nobody would notice, and, `forced`, after `withinMs`
   * at the latest. Nothing is changed by it. Between two agents, or before the first, there is nothing to wait for.
   */
  async whenSafe(withinMs: number): Promise<LeaveMoment> {
    const { clock } = this.#parts;
    const giveUpAtMs = clock.monotonicMs() + withinMs;
    for (;;) {
      if (this.#over.signal.aborted) return 'ended';
      if (!this.#onLine) return 'between_agents';
      if (this.#onLine.connection.safeToLeave && !this.#onLine.busy()) return 'safe';
      const leftMs = giveUpAtMs - clock.monotonicMs();
      if (leftMs <= 0) return 'forced';
      await sleep(clock, Math.min(LOOK_EVERY_MS, leftMs), this.#over.signal);
    }
  }

  /** Idempotent, as `release` is. */
  hold(): void {
    if (this.#held || this.#over.signal.aborted) return;
    let release: () => void = () => undefined;
    const until = new Promise<void>((resolve) => (release = resolve));
    this.#held = { until, release };
    this.#onLine?.hold();
  }

  release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (!held) return;
    this.#onLine?.release();
    held.release();
  }

  /** For the run: what to wait for before a tool or a socket; undefined while nothing is held. */
  get held(): Promise<void> | undefined {
    return this.#held?.until;
  }

  /** For the run: an agent came on the line, or left it. */
  set(onLine: OnLine | undefined): void {
    this.#onLine = onLine;
    if (this.#held) onLine?.hold();
  }

  /** For the run: it is over. */
  close(): void {
    this.set(undefined);
    this.#over.abort();
    this.release();
  }
}
