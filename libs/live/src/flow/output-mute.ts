import type { Clock } from '@parley/kernel';
import type { LiveServerMessage } from '../model/live-model.js';

/** How long stray output of a turn that the model itself cut is waited for. */
const STRAY_OUTPUT_MS = 2_000;

/**
 * Keeps back what the model still says of a turn that is over for the client (I10).
 *
 * 1. After `interrupted`, output of the same turn is dropped until its `turnComplete`; a model that never sends that
 *    one is believed again after 2 s, and at once on another connection, which knows nothing of the turn.
 * 2. After the client's own interrupt, output is dropped until the model has ended the turn, however long it goes on;
 *    the model's own `interrupted` is not told a second time.
 * 3. Tool calls, usage and everything about the user pass.
 */
export class OutputMute {
  readonly #clock: Clock;
  #modelActive = false;
  #muted: { readonly by: 'client' | 'model'; readonly sinceMs: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the model is in a turn that the client hears. */
  get modelActive(): boolean {
    return this.#modelActive;
  }

  interruptedByClient(): void {
    if (this.#modelActive) this.#muted = { by: 'client', sinceMs: this.#clock.monotonicMs() };
    this.#modelActive = false;
  }

  filter(message: LiveServerMessage): LiveServerMessage {
    if (this.#believesAgain(message)) this.#muted = undefined;
    if (this.#muted) return this.#whileMuted(message);
    if (message.parts || message.outputTranscription || message.toolCalls) this.#modelActive = true;
    if (message.interrupted) {
      if (this.#modelActive && !message.turnComplete) {
        this.#muted = { by: 'model', sinceMs: this.#clock.monotonicMs() };
      }
      this.#modelActive = false;
    }
    if (message.turnComplete) this.#modelActive = false;
    return message;
  }

  #whileMuted(message: LiveServerMessage): LiveServerMessage {
    const { parts: _1, outputTranscription: _2, generationComplete: _3, interrupted, ...rest } = message;
    if (message.turnComplete) this.#muted = undefined;
    else if (interrupted) this.#muted = { by: 'model', sinceMs: this.#clock.monotonicMs() };
    return rest;
  }

  #believesAgain(message: LiveServerMessage): boolean {
    if (this.#muted?.by !== 'model') return false;
    if (message.resumed || message.restarted) return true;
    if (!message.parts && !message.outputTranscription) return false;
    return this.#clock.monotonicMs() - this.#muted.sinceMs > STRAY_OUTPUT_MS;
  }
}
