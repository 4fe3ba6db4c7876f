import type { ParleyClient } from '@parley/client';
import { sleep, type Clock } from '@parley/kernel';

const LOOK_EVERY_MS = 20;
/** After the last sound and sign, in case the agent goes on (a tool's result makes another turn). */
const QUIET_MS = 500;

/**
 * Knows when the agent has answered: since the question a turn was completed that was not cut off, none is under
 * way, no tool is at work, all audio would have been played, and nothing has come for half a second.
 */
export class AnswerWatch {
  readonly #client: ParleyClient;
  readonly #clock: Clock;
  readonly #openTools = new Set<string>();
  #cutTurn = -1;
  #spokenTurn = -1;
  #completeTurn = -1;
  #answered = false;
  #lastSignMs: number;

  constructor(client: ParleyClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
    this.#lastSignMs = clock.monotonicMs();
    client.on('event', () => this.#sign());
    client.on('audio', ({ turn }) => {
      this.#spokenTurn = Math.max(this.#spokenTurn, turn);
      this.#sign();
    });
    client.on('interrupted', ({ turn }) => (this.#cutTurn = Math.max(this.#cutTurn, turn)));
    client.on('toolCall', ({ call }) => this.#openTools.add(call.id));
    client.on('toolResponse', ({ response }) => {
      if (response.willContinue !== true) this.#openTools.delete(response.id);
    });
    client.on('toolCancelled', ({ ids }) => ids.forEach((id) => this.#openTools.delete(id)));
    client.on('turnComplete', ({ turn }) => {
      this.#completeTurn = Math.max(this.#completeTurn, turn);
      if (turn > this.#cutTurn) this.#answered = true;
    });
  }

  /** What was answered so far counts no more. */
  asked(): void {
    this.#answered = false;
    this.#sign();
  }

  /** Resolves true when the question is answered, false when `signal` aborts or the call ends. */
  async untilAnswered(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted && this.#client.phase !== 'closed') {
      if (this.#done()) return true;
      await sleep(this.#clock, LOOK_EVERY_MS, signal);
    }
    return this.#done();
  }

  #done(): boolean {
    return (
      this.#answered &&
      this.#openTools.size === 0 &&
      this.#spokenTurn <= Math.max(this.#completeTurn, this.#cutTurn) &&
      this.#client.agentAudioLeftMs === 0 &&
      this.#clock.monotonicMs() - this.#lastSignMs >= QUIET_MS
    );
  }

  #sign(): void {
    this.#lastSignMs = this.#clock.monotonicMs();
  }
}
