import type { CancelTimer, Clock } from '@parley/kernel';
import type { PlannedCall, Reply } from '../brain/brain.js';
import type { Behaviour } from './behaviour.js';
import type { ModelOutput } from './model-output.js';
import type { PaceTicker } from './pace-ticker.js';

export interface ModelTurnOptions {
  readonly behaviour: Behaviour;
  readonly clock: Clock;
  readonly ticker: PaceTicker;
  readonly random: () => number;
  /** Sends the calls; answers whether the turn has to wait for them. */
  readonly call: (calls: readonly PlannedCall[]) => boolean;
  /** Begins to send the text; `onSent` is called with the monotonic time at which it will have been heard. */
  readonly speak: (text: string, onSent: (heardAtMs: number) => void) => ModelOutput;
  readonly onGenerated: () => void;
  readonly onEnded: () => void;
}

/** What the model is doing, with what has to be stopped when it is interrupted. */
type Phase =
  | { readonly kind: 'thinking'; readonly stop: CancelTimer }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'speaking'; readonly output: ModelOutput }
  | { readonly kind: 'playing'; readonly stop: CancelTimer }
  | { readonly kind: 'over' };

/**
 * One turn of the model: thinks, perhaps waits for tools and thinks again, speaks, and is over when what it said
 * has been heard.
 *
 * 1. `onGenerated` comes once, when everything was sent; `onEnded` once, after it.
 * 2. After `stop` nothing is sent or reported.
 */
export class ModelTurn {
  readonly #options: ModelTurnOptions;
  #phase: Phase;

  constructor(plan: () => Reply, options: ModelTurnOptions) {
    this.#options = options;
    this.#phase = this.#thinking(plan);
  }

  /** Waits for tools. */
  get waiting(): boolean {
    return this.#phase.kind === 'waiting';
  }

  /** The tools have answered. */
  goOn(plan: () => Reply): void {
    if (this.waiting) this.#phase = this.#thinking(plan);
  }

  stop(): void {
    const phase = this.#phase;
    this.#phase = { kind: 'over' };
    if (phase.kind === 'speaking') phase.output.cancel();
    else if ('stop' in phase) phase.stop();
  }

  #thinking(plan: () => Reply): Phase {
    const { behaviour, clock, ticker, random } = this.#options;
    const dueMs = clock.monotonicMs() + behaviour.thinkMs + random() * behaviour.thinkJitterMs;
    return { kind: 'thinking', stop: ticker.at(dueMs, () => this.#perform(plan())) };
  }

  #perform({ say, calls = [] }: Reply): void {
    const { call, speak, clock } = this.#options;
    if (calls.length > 0 && call(calls)) {
      this.#phase = { kind: 'waiting' };
    } else if (say?.trim()) {
      this.#phase = { kind: 'speaking', output: speak(say, (heardAtMs) => this.#generated(heardAtMs)) };
    } else {
      this.#generated(clock.monotonicMs());
    }
  }

  #generated(heardAtMs: number): void {
    const { behaviour, ticker, onGenerated, onEnded } = this.#options;
    const dueMs = behaviour.turnEnds === 'playback' ? heardAtMs : 0;
    const end = (): void => {
      this.#phase = { kind: 'over' };
      onEnded();
    };
    this.#phase = { kind: 'playing', stop: ticker.at(dueMs, end) };
    onGenerated();
  }
}
