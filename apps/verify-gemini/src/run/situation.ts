import type { ModelCapabilities } from '@parley/gemini';
import type { SpokenLines } from './spoken-lines.js';
import type { Target } from './target.js';

/** What decides whether a question can be asked. */
export interface Situation {
  readonly target: Target;
  readonly model: string;
  readonly capabilities: ModelCapabilities;
  /** Undefined where there is nothing to say it with. */
  readonly lines: SpokenLines | undefined;
  readonly waitForGoAway: boolean;
}
