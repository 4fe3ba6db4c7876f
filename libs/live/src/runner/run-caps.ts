import type { UsageMetadata } from '@parley/event';
import { ParleyError, type CancelTimer, type Clock } from '@parley/kernel';
import type { RunConfig } from './run-config.js';

/**
 * The caps of one run: turns, duration, tokens, idle time. Says once which one was reached.
 *
 * 1. `onReached` is called at most once, and never after `close`.
 * 2. Tokens are what the provider counts: each turn bills its whole context again.
 */
export class RunCaps {
  readonly #config: RunConfig;
  readonly #clock: Clock;
  readonly #onReached: (error: ParleyError) => void;
  readonly #cancelDuration: CancelTimer | undefined;
  #cancelIdle: CancelTimer | undefined;
  #turns = 0;
  #tokens = 0;
  #closed = false;

  /** `startedAtMs`: when the run began, if that was not just now. */
  constructor(
    config: RunConfig,
    clock: Clock,
    onReached: (error: ParleyError) => void,
    startedAtMs = clock.nowMs(),
  ) {
    this.#config = config;
    this.#clock = clock;
    this.#onReached = onReached;
    if (config.maxDurationMs !== undefined) {
      const leftMs = Math.max(0, config.maxDurationMs - (clock.nowMs() - startedAtMs));
      this.#cancelDuration = clock.after(leftMs, () =>
        this.#reached('max_duration', `The call reached its ${config.maxDurationMs} ms.`),
      );
    }
    this.activity();
  }

  /** Either side said or sent something. */
  activity(): void {
    const { idleTimeoutMs } = this.#config;
    if (idleTimeoutMs === undefined || this.#closed) return;
    this.#cancelIdle?.();
    this.#cancelIdle = this.#clock.after(idleTimeoutMs, () =>
      this.#reached('idle_timeout', `Nobody said anything for ${idleTimeoutMs} ms.`),
    );
  }

  /** The model finished a turn. */
  turnEnded(): void {
    this.#turns += 1;
    const { maxTurns } = this.#config;
    if (maxTurns !== undefined && this.#turns >= maxTurns) {
      this.#reached('max_turns', `The call reached its ${maxTurns} turns.`);
    }
  }

  used(usage: UsageMetadata): void {
    this.#tokens += usage.totalTokenCount ?? (usage.promptTokenCount ?? 0) + (usage.responseTokenCount ?? 0);
    const { maxTokens } = this.#config;
    if (maxTokens !== undefined && this.#tokens >= maxTokens) {
      this.#reached('budget_spent', `The call used its ${maxTokens} tokens.`);
    }
  }

  close(): void {
    this.#closed = true;
    this.#cancelDuration?.();
    this.#cancelIdle?.();
  }

  #reached(code: 'max_duration' | 'idle_timeout' | 'budget_spent' | 'max_turns', message: string): void {
    if (this.#closed) return;
    this.close();
    this.#onReached(new ParleyError(code, message, { kind: 'resource_exhausted' }));
  }
}
