import type { CancelTimer, Clock } from '@parley/kernel';

/** Looks for signs of life between two pings, so that silence is noticed soon after its deadline. */
const LOOKS_A_PING = 4;

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
  #looks = 0;

  constructor(options: KeepAliveOptions) {
    this.#options = options;
    this.#heardAtMs = options.clock.monotonicMs();
    this.#cancel = options.clock.every(options.pingEveryMs / LOOKS_A_PING, () => this.#look());
  }

  close(): void {
    this.#cancel();
  }

  #look(): void {
    const { clock, socket, deadlineMs, onSilence } = this.#options;
    const now = clock.monotonicMs();
    if (socket.takeHeard()) this.#heardAtMs = now;
    const silentMs = now - this.#heardAtMs;
    this.#looks += 1;
    if (silentMs >= deadlineMs) {
      this.close();
      onSilence(silentMs);
    } else if (this.#looks % LOOKS_A_PING === 0) socket.ping();
  }
}
