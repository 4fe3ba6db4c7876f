import type { CompressionSetup } from '../codec/setup.js';
import type { ContextMeter } from './context-meter.js';
import type { ConversationHistory } from './conversation-history.js';

export interface ContextWindowOptions {
  readonly meter: ContextMeter;
  readonly history: ConversationHistory;
  /** What the model can take at most. */
  readonly windowTokens: number;
  /** Undefined when the setup asks for none. */
  readonly compression: CompressionSetup | undefined;
}

/** Of Google's reference: compression begins at 80 % of the window and leaves half of that. */
const TRIGGER_SHARE = 0.8;
const TARGET_SHARE = 0.5;

/** Keeps the context within the model's window, by forgetting the oldest turns where the client allows it. */
export class ContextWindow {
  readonly #options: ContextWindowOptions;

  constructor(options: ContextWindowOptions) {
    this.#options = options;
  }

  /** Before a turn is generated. `full`: the model can't go on with this session. */
  makeRoom(): 'fits' | 'compressed' | 'full' {
    const { meter, history, windowTokens, compression } = this.#options;
    if (!compression) return meter.tokens > windowTokens ? 'full' : 'fits';
    const trigger = compression.triggerTokens ?? windowTokens * TRIGGER_SHARE;
    if (meter.tokens < trigger) return 'fits';
    history.forgetBefore(meter.cutTo(compression.targetTokens ?? trigger * TARGET_SHARE));
    return meter.tokens > windowTokens ? 'full' : 'compressed';
  }
}
