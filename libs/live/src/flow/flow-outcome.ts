import type { ParleyError } from '@parley/kernel';

/** How an agent's stay on the line ended. */
export type FlowOutcome =
  /** The queue was closed, the run aborted, or a cap was reached. */
  | { readonly kind: 'closed' }
  /** The model could not be reached, or was lost for good; told as an event already. */
  | { readonly kind: 'failed'; readonly error: ParleyError }
  /** `atMs` (monotonic): when that was decided. */
  | { readonly kind: 'transfer'; readonly to: string; readonly atMs: number }
  /** The agent said that its task is done (`task_completed`). */
  | { readonly kind: 'completed'; readonly atMs: number }
  /** A tool set `actions.escalate`: the loop around the agent ends. */
  | { readonly kind: 'escalated' };

/** A guardrail threw the model's session away; the agent starts over with a new one. */
export type SessionOutcome = FlowOutcome | { readonly kind: 'restart' };

/** An outcome that is decided once, by whoever is first. */
export class Decision {
  readonly decided: Promise<SessionOutcome>;
  #resolve: (outcome: SessionOutcome) => void = () => undefined;
  #made = false;

  constructor() {
    this.decided = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get made(): boolean {
    return this.#made;
  }

  make(outcome: SessionOutcome): void {
    this.#made = true;
    this.#resolve(outcome);
  }
}
