import type { CancelTimer, Clock } from '@parley/kernel';

export interface KeepAliveOptions {
  readonly clock: Clock;
  readonly socket: { ping(): void; takeHeard(): boolean };
  readonly pingEveryMs: number;
  /** Silence after which the peer is taken for dead; Google's own pauses reach half a minute, so 45 s or more. */
  readonly deadlineMs: number;
  readonly onSilence: (silentMs: number) => void;
}

/**
 * Pings an otherwise silent peer. The SDK never does, so that a half-open connection would look alive for ever.
 * Any frame counts as a sign of life. Ends itself with the one call of `onSilence`; `close` is idempotent.
 */
export class KeepAlive {
  readonly #options: KeepAliveOptions;
  readonly #cancel: CancelTimer;
  #heardAtMs: number;

  constructor(options: KeepAliveOptions) {
    this.#options = options;
    this.#heardAtMs = options.clock.monotonicMs();
    this.#cancel = options.clock.every(options.pingEveryMs, () => this.#tick());
  }

  close(): void {
    this.#cancel();
  }

  #tick(): void {
    const { clock, socket, deadlineMs, onSilence } = this.#options;
    const now = clock.monotonicMs();
    if (socket.takeHeard()) this.#heardAtMs = now;
    const silentMs = now - this.#heardAtMs;
    if (silentMs < deadlineMs) return socket.ping();
    this.close();
    onSilence(silentMs);
  }
}
