import type { Clock } from '@parley/kernel';
import type { LiveServerMessage } from '@parley/live';

type ResumptionUpdate = NonNullable<LiveServerMessage['sessionResumptionUpdate']>;

export interface ResumptionHandlesOptions {
  readonly clock: Clock;
  /** How long a handle can be used: 2 h on the Gemini API, 24 h on Vertex. [src: session page; Vertex: inferred] */
  readonly ttlMs: number;
}

/**
 * The newest handle with which the model's session can be taken up again, in memory. That others are told of it, too,
 * changes nothing here: this is the one that a lost socket is replaced with.
 *
 * 1. `resumable: false` says that the session has moved on since; the handle before it stays the way back (E5).
 * 2. A handle is given out only until it expires.
 */
export class ResumptionHandles {
  readonly #options: ResumptionHandlesOptions;
  #kept: { readonly handle: string; readonly atMs: number } | undefined;
  #resumableNow = false;

  constructor(options: ResumptionHandlesOptions) {
    this.#options = options;
  }

  get usable(): string | undefined {
    const kept = this.#kept;
    if (!kept || this.#options.clock.monotonicMs() - kept.atMs >= this.#options.ttlMs) return undefined;
    return kept.handle;
  }

  /** Whether the handle is of the session as it is now. */
  get current(): boolean {
    return this.#resumableNow && this.usable !== undefined;
  }

  keep(handle: string): void {
    this.#kept = { handle, atMs: this.#options.clock.monotonicMs() };
    this.#resumableNow = true;
  }

  /** True when there is a new handle now. */
  note({ newHandle, resumable }: ResumptionUpdate): boolean {
    if (resumable && newHandle) {
      this.keep(newHandle);
      return true;
    }
    this.#resumableNow = resumable;
    return false;
  }

  /** The provider refused it, or the session that it belongs to is lost. */
  forget(): void {
    this.#kept = undefined;
    this.#resumableNow = false;
  }
}
