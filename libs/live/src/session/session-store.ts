import type { Event } from '@parley/event';
import type { Clock } from '@parley/kernel';
import { ConversationLog } from './conversation-log.js';
import { durableForm } from './durable-event.js';
import { DurableOrder } from './durable-order.js';
import type { Session, SessionService } from './session-service.js';
import { SessionWriter } from './session-writer.js';
import { applyDelta, type StateDelta } from './state-scope.js';

export interface SessionStoreParts {
  readonly service: Pick<SessionService, 'appendEvent'>;
  /** As it was found when the run began. */
  readonly session: Session;
  readonly clock?: Clock;
  /** Called once, when the first write has failed: nothing is written any more. */
  readonly onFailure: (error: unknown) => void;
  /** An event is stored for good, or there is nothing in it to be stored. Must not throw. */
  readonly onStored?: (event: Event) => void;
}

/**
 * The session of one run: what is in it now, and how what happens gets into it.
 *
 * 1. `state` and `events` are up to date at once; writing follows, in the order of `DurableOrder`.
 * 2. `state` includes the deltas of every event that was appended, `temp:` keys too; those are stored nowhere (C10).
 * 3. Each durable event is written once; deltas and media never (C1, C2).
 */
export class SessionStore {
  readonly #order = new DurableOrder();
  readonly #log: ConversationLog;
  readonly #writer: SessionWriter;
  readonly #state: Record<string, unknown>;
  /** Events that are stored differently from how they were told, until their turn has come. */
  readonly #later = new Map<string, Promise<Partial<Event>>>();

  readonly #onStored: (event: Event) => void;

  constructor({ service, session, clock, onFailure, onStored = () => undefined }: SessionStoreParts) {
    this.#log = new ConversationLog(session.events);
    this.#writer = new SessionWriter(service, session, onFailure, clock, onStored);
    this.#onStored = onStored;
    this.#state = { ...session.state };
  }

  /** The same object throughout the run: it changes as events are appended. */
  get state(): StateDelta {
    return this.#state;
  }

  /** In the order in which they are stored, at most the newest 1,000. */
  get events(): readonly Event[] {
    return this.#log.events;
  }

  append(event: Event): void {
    applyDelta(this.#state, event.actions.stateDelta);
    for (const due of this.#order.accept(event)) this.#write(due);
  }

  /**
   * Appends an event of which some fields are stored differently from how it was told, and will be known later.
   * `patch` must settle by a deadline of the caller's; when it rejects, the event is stored as told.
   */
  appendLater(event: Event, patch: Promise<Partial<Event>>): void {
    patch.catch(() => undefined);
    if (event.partial !== true) this.#later.set(event.id, patch);
    this.append(event);
  }

  /** Resolves at once unless the store is far behind. */
  room(): Promise<void> {
    return this.#writer.room();
  }

  /** Resolves when everything is stored, what was held back too (C5); rejects with the first failure. */
  async flush(): Promise<void> {
    for (const due of this.#order.release()) this.#write(due);
    await this.#writer.flush();
  }

  #write(event: Event): void {
    this.#log.append(event);
    const durable = durableForm(event);
    const patch = this.#later.get(event.id);
    this.#later.delete(event.id);
    if (!durable) return this.#onStored(event);
    if (patch) this.#writer.appendLater(this.#patched(durable, patch));
    else this.#writer.append(durable);
  }

  async #patched(event: Event, patch: Promise<Partial<Event>>): Promise<Event> {
    try {
      const stored = { ...event, ...(await patch), id: event.id };
      this.#log.replace(stored);
      return stored;
    } catch {
      return event;
    }
  }
}
