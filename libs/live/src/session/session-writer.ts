import type { Event } from '@parley/event';
import { ParleyError, systemClock, toParleyError, withDeadline, type Clock } from '@parley/kernel';
import type { SessionKey, SessionService } from './session-service.js';

/** Writes that may be under way before a run waits for them. */
const MAX_PENDING_WRITES = 256;
/** A write that takes longer counts as failed. */
const WRITE_MS = 10_000;

/**
 * Writes events to a session, in order, without making the conversation wait.
 *
 * 1. Events are written in the order they were given, one after the other; one that is not known yet holds up those
 *    behind it, so its promise must settle by a deadline of the caller's.
 * 2. `append` and `appendLater` return at once; `room()` waits while 256 writes are pending, unless it is an event
 *    and not the store that holds them up.
 * 3. `onWritten` hears of each event when the store has it, in order; it must not throw.
 * 4. A failed write (10 s are too long) stops the writer: later events are not written (no holes), and `flush` rejects.
 */
export class SessionWriter {
  #tail: Promise<void> = Promise.resolve();
  #pending = 0;
  /** Whether the next write waits for its event. */
  #unknown = false;
  #whenMoved: (() => void)[] = [];
  #failure: { readonly error: unknown } | undefined;
  readonly #service: Pick<SessionService, 'appendEvent'>;
  readonly #key: SessionKey;
  readonly #onFailure: (error: unknown) => void;
  readonly #clock: Clock;
  readonly #onWritten: (event: Event) => void;

  constructor(
    service: Pick<SessionService, 'appendEvent'>,
    key: SessionKey,
    onFailure: (error: unknown) => void,
    clock: Clock = systemClock,
    onWritten: (event: Event) => void = () => undefined,
  ) {
    this.#service = service;
    this.#key = key;
    this.#onFailure = onFailure;
    this.#clock = clock;
    this.#onWritten = onWritten;
  }

  append(event: Event): void {
    this.appendLater(event);
  }

  /** Keeps the event's place. A promise that rejects counts as a failed write. */
  appendLater(event: Event | Promise<Event>): void {
    if (this.#failure) return;
    this.#pending += 1;
    // awaited in its turn only: it may reject before
    if (event instanceof Promise) event.catch(() => undefined);
    this.#tail = this.#tail.then(async () => {
      if (!this.#failure) await this.#write(event);
      this.#pending -= 1;
      this.#moved();
    });
  }

  /** Resolves when the store is less than 256 writes behind. */
  async room(): Promise<void> {
    while (this.#pending >= MAX_PENDING_WRITES && !this.#unknown) {
      await new Promise<void>((resolve) => this.#whenMoved.push(resolve));
    }
  }

  /** Resolves when everything is written; rejects with the first failure. */
  async flush(): Promise<void> {
    await this.#tail;
    if (this.#failure) throw this.#failure.error;
  }

  async #write(event: Event | Promise<Event>): Promise<void> {
    try {
      const known = event instanceof Promise ? await this.#known(event) : event;
      const writing = this.#service.appendEvent(this.#key, known);
      const late = (): Error => new ParleyError('internal', 'The session could not be written in time.');
      await withDeadline(this.#clock, WRITE_MS, writing, late);
      this.#onWritten(known);
    } catch (thrown) {
      const error = notStored(thrown);
      this.#failure = { error };
      this.#onFailure(error);
    }
  }

  async #known(event: Promise<Event>): Promise<Event> {
    this.#unknown = true;
    this.#moved();
    try {
      return await event;
    } finally {
      this.#unknown = false;
    }
  }

  #moved(): void {
    for (const resolve of this.#whenMoved.splice(0)) resolve();
  }
}

/** The error of a run that can not store what happens; one of another's that stores it is as it was thrown. */
function notStored(thrown: unknown): ParleyError {
  const error = toParleyError(thrown);
  if (error.code !== 'internal') return error;
  return new ParleyError('internal', error.message, {
    kind: 'unavailable',
    retryable: true,
    details: { notStored: true },
    cause: thrown,
  });
}
