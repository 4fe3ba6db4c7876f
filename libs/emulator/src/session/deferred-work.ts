import type { ToolOutcome } from '../brain/brain.js';

export interface DeferredInput {
  readonly text: string;
  readonly understood: boolean;
}

const MAX_WAITING = 64;

/** What came while the model could not take it up, in order; beyond 64 of a kind the newest are dropped. */
export class DeferredWork {
  #inputs: DeferredInput[] = [];
  #outcomes: ToolOutcome[] = [];

  get empty(): boolean {
    return this.#inputs.length + this.#outcomes.length === 0;
  }

  addInput(input: DeferredInput): void {
    if (this.#inputs.length < MAX_WAITING) this.#inputs.push(input);
  }

  addOutcome(outcome: ToolOutcome): void {
    if (this.#outcomes.length < MAX_WAITING) this.#outcomes.push(outcome);
  }

  takeInputs(): readonly DeferredInput[] {
    const inputs = this.#inputs;
    this.#inputs = [];
    return inputs;
  }

  takeOutcomes(): readonly ToolOutcome[] {
    const outcomes = this.#outcomes;
    this.#outcomes = [];
    return outcomes;
  }

  clear(): void {
    this.#inputs = [];
    this.#outcomes = [];
  }
}
