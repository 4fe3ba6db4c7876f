import type { CancelTimer, Clock } from '@parley/kernel';
import type { LiveServerMessage } from '@parley/live';
import type { ModelInput } from './model-input.js';

export interface StallWatchdogOptions {
  readonly clock: Clock;
  /** Silence that can be explained: the model waits for a tool. */
  readonly isExcused: () => boolean;
  /** The server has been silent for 8 s when it should speak. */
  readonly onSlow: () => void;
  /** … and for 20 s. */
  readonly onStalled: () => void;
}

const SLOW_AFTER_MS = 8_000;
const STALLED_AFTER_MS = 20_000;

/**
 * Notices a server that has stopped talking while the socket looks well. [src: cookbook#1225]
 *
 * 1. It watches from the end of the user's turn, or the model's first word, until the model has said all of its turn.
 * 2. Any message is a sign of life.
 * 3. A stall is told once until the model has spoken again: a model that chooses not to answer, and does so again when
 *    it is asked again, is not restarted over and over.
 */
export class StallWatchdog {
  readonly #options: StallWatchdogOptions;
  #heardAtMs = 0;
  #watching = false;
  #slowTold = false;
  #stallTold = false;
  #userSpoke = false;
  #cancel: CancelTimer | undefined;

  constructor(options: StallWatchdogOptions) {
    this.#options = options;
  }

  sent(input: ModelInput): void {
    switch (input.kind) {
      case 'content':
        if (!input.partial) this.#watch();
        return;
      case 'activityEnd':
      case 'toolResponse':
        return this.#watch();
      case 'audioStreamEnd':
        // A microphone that was paused in silence is owed no answer.
        if (this.#userSpoke) this.#watch();
        return;
      case 'activityStart':
      case 'interrupt':
      case 'realtime':
        return;
    }
  }

  heard(message: LiveServerMessage): void {
    const { inputTranscription, outputTranscription, parts, toolCalls, voiceActivity } = message;
    this.#heardAtMs = this.#now;
    this.#slowTold = false;
    if (inputTranscription || voiceActivity) this.#userSpoke = true;
    const spoke = parts !== undefined || outputTranscription !== undefined || toolCalls !== undefined;
    if (spoke) {
      this.#stallTold = false;
      this.#userSpoke = false;
    }
    if (message.turnComplete || message.generationComplete || message.interrupted) return this.rest();
    if (spoke || inputTranscription?.finished || voiceActivity?.type === 'ACTIVITY_END') this.#watch();
  }

  /** Idempotent; watching may start again afterwards. */
  rest(): void {
    this.#watching = false;
    this.#cancel?.();
  }

  #watch(): void {
    if (this.#watching || this.#stallTold) return;
    this.#watching = true;
    this.#slowTold = false;
    this.#heardAtMs = this.#now;
    this.#lookAfter(SLOW_AFTER_MS);
  }

  #lookAfter(delayMs: number): void {
    this.#cancel?.();
    this.#cancel = this.#options.clock.after(delayMs, () => this.#look());
  }

  #look(): void {
    const { isExcused, onSlow, onStalled } = this.#options;
    if (isExcused()) this.#heardAtMs = this.#now;
    const silentMs = this.#now - this.#heardAtMs;
    if (silentMs >= STALLED_AFTER_MS) {
      this.rest();
      this.#stallTold = true;
      return onStalled();
    }
    if (silentMs >= SLOW_AFTER_MS && !this.#slowTold) {
      this.#slowTold = true;
      onSlow();
    }
    this.#lookAfter((silentMs < SLOW_AFTER_MS ? SLOW_AFTER_MS : STALLED_AFTER_MS) - silentMs);
  }

  get #now(): number {
    return this.#options.clock.monotonicMs();
  }
}
