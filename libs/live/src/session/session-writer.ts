import { isDurable, type Event } from '@parley/event';
import type { Session, SessionService } from './session-service.js';

/** Writes that may be under way before a run waits for them. */
const MAX_PENDING_WRITES = 256;

/**
 * Appends the durable events of one run to its session, in order, without making the conversation wait.
 *
 * 1. Events are written in the order they were given, one after the other.
 * 2. `append` returns at once; with more than 256 writes pending, `room()` waits until there is room.
 * 3. A failed write stops the writer: later events are not written (no holes), and `flush` rejects.
 * 4. `state` includes the deltas of what was appended, written or not.
 */
export class SessionWriter {
  #tail: Promise<void> = Promise.resolve();
  #pending = 0;
  #failure: { readonly error: unknown } | undefined;
  #state: Record<string, unknown>;
  readonly #service: SessionService;
  readonly #session: Session;
  readonly #onFailure: (error: unknown) => void;

  constructor(service: SessionService, session: Session, onFailure: (error: unknown) => void) {
    this.#service = service;
    this.#session = session;
    this.#state = { ...session.state };
    this.#onFailure = onFailure;
  }

  get state(): Readonly<Record<string, unknown>> {
    return this.#state;
  }

  append(event: Event): void {
    Object.assign(this.#state, event.actions.stateDelta);
    if (!isDurable(event) || this.#failure) return;
    this.#pending += 1;
    this.#tail = this.#tail.then(async () => {
      if (!this.#failure) await this.#write(event);
      this.#pending -= 1;
    });
  }

  /** Resolves when fewer than 256 writes are pending. */
  async room(): Promise<void> {
    if (this.#pending >= MAX_PENDING_WRITES) await this.#tail;
  }

  /** Resolves when everything is written; rejects with the first failure. */
  async flush(): Promise<void> {
    await this.#tail;
    if (this.#failure) throw this.#failure.error;
  }

  async #write(event: Event): Promise<void> {
    try {
      await this.#service.appendEvent(this.#session, event);
    } catch (error) {
      this.#failure = { error };
      this.#onFailure(error);
    }
  }
}
