import type { CancelTimer, Clock } from '@parley/kernel';
import type { PlannedCall, Reply } from '../brain/brain.js';
import type { Script } from '../scenario/performance.js';
import type { Behaviour } from './behaviour.js';
import type { ModelOutput } from './model-output.js';
import type { PaceTicker } from './pace-ticker.js';

export interface ModelTurnOptions {
  readonly behaviour: Behaviour;
  readonly clock: Clock;
  readonly ticker: PaceTicker;
  readonly random: () => number;
  /** What comes on top of the time to think, once. */
  readonly delayMs: number;
  /** Sends the calls; answers whether the turn has to wait for them. */
  readonly call: (calls: readonly PlannedCall[]) => boolean;
  /** Begins to send the text; `onSent` is called with the monotonic time at which it will have been heard. */
  readonly speak: (text: string, onSent: (heardAtMs: number) => void) => ModelOutput;
  /** Prepares to play the script; `onEnd` tells when all of it will have been heard and whether a call is waited for. */
  readonly perform: (script: Script, onEnd: (heardAtMs: number, waits: boolean) => void) => ScriptOutput;
  readonly onGenerated: () => void;
  readonly onEnded: () => void;
}

/** A script that plays once it is begun. */
export interface ScriptOutput extends ModelOutput {
  begin(): void;
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
 * 2. After `stop` nothing is sent or reported, but for what the function it returns sends.
 */
export class ModelTurn {
  readonly #options: ModelTurnOptions;
  #phase: Phase;

  constructor(plan: () => Reply, options: ModelTurnOptions) {
    this.#options = options;
    this.#phase = this.#thinking(plan, options.delayMs);
  }

  /** Waits for tools. */
  get waiting(): boolean {
    return this.#phase.kind === 'waiting';
  }

  /** The tools have answered. */
  goOn(plan: () => Reply): void {
    if (this.waiting) this.#phase = this.#thinking(plan, 0);
  }

  /** The returned function sends what was already under way to the client. */
  stop(): () => void {
    const phase = this.#phase;
    this.#phase = { kind: 'over' };
    if (phase.kind === 'speaking') return phase.output.cancel();
    if ('stop' in phase) phase.stop();
    return () => undefined;
  }

  #thinking(plan: () => Reply, delayMs: number): Phase {
    const { behaviour, clock, ticker, random } = this.#options;
    const dueMs = clock.monotonicMs() + delayMs + behaviour.thinkMs + random() * behaviour.thinkJitterMs;
    return { kind: 'thinking', stop: ticker.at(dueMs, () => this.#perform(plan())) };
  }

  #perform({ say, calls = [], script }: Reply): void {
    const { call, speak, clock } = this.#options;
    if (script) {
      this.#play(script);
    } else if (calls.length > 0 && call(calls)) {
      this.#phase = { kind: 'waiting' };
    } else if (say?.trim()) {
      this.#phase = { kind: 'speaking', output: speak(say, (heardAtMs) => this.#generated(heardAtMs)) };
    } else {
      this.#generated(clock.monotonicMs());
    }
  }

  #play(script: Script): void {
    const output = this.#options.perform(script, (heardAtMs, waits) => {
      if (waits) this.#phase = { kind: 'waiting' };
      else this.#generated(heardAtMs);
    });
    this.#phase = { kind: 'speaking', output };
    output.begin();
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
