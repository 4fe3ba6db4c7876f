import type { RedisOptions } from 'bullmq';
import type { Clock, Log } from '@parley/kernel';
import type { QueueConnectionOptions } from '@parley/redis';

const REPEAT_SILENCE_MS = 30_000;

/**
 * What the BullMQ objects of one adapter share: how they connect, where their errors go, and that they stop.
 *
 * 1. An error that repeats is logged once in 30 s: a Redis that is away makes each connection fail every second.
 * 2. After `giveUp` nothing reconnects, so that closing never waits for a Redis that is away.
 */
export class QueueLink {
  readonly options: RedisOptions;
  #givenUp = false;
  #lastMessage = '';
  #silentUntilMs = Number.NEGATIVE_INFINITY;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(connection: QueueConnectionOptions, clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
    this.options = {
      ...connection,
      retryStrategy: (attempt) => (this.#givenUp ? null : connection.retryStrategy(attempt)),
    };
  }

  /** Every BullMQ object needs a listener for its errors, else they end the process. */
  readonly report = (error: Error): void => {
    const nowMs = this.#clock.monotonicMs();
    if (this.#givenUp || (error.message === this.#lastMessage && nowMs < this.#silentUntilMs)) return;
    this.#lastMessage = error.message;
    this.#silentUntilMs = nowMs + REPEAT_SILENCE_MS;
    this.#log.warn('job queue trouble', { error });
  };

  giveUp(): void {
    this.#givenUp = true;
  }
}
