export type Speaker = 'user' | 'agent';

/** One stretch of speech (or of writing) as far as it is known; later ones with the same `id` replace it. */
export interface Caption {
  readonly id: number;
  readonly speaker: Speaker;
  /** `user`, or the name of the agent that speaks. */
  readonly author: string;
  readonly text: string;
  /** False while it grows. */
  readonly final: boolean;
  readonly turn: number;
}
