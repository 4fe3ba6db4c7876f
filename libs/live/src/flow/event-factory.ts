import type { Event } from '@parley/event';
import { NO_ACTIONS } from '@parley/event';
import type { Clock, IdFactory } from '@parley/kernel';

/** What an event says, without what every event of a run has in common. */
export type EventDraft = Partial<Omit<Event, 'id' | 'invocationId' | 'timestamp' | 'author'>>;

/** Makes the events of one run: one invocation, distinct ids, the run's custom metadata under each event's own. */
export class EventFactory {
  readonly invocationId: string;
  readonly #clock: Clock;
  readonly #newId: IdFactory;
  readonly #customMetadata: Readonly<Record<string, unknown>> | undefined;

  constructor(
    invocationId: string,
    clock: Clock,
    newId: IdFactory,
    customMetadata?: Readonly<Record<string, unknown>>,
  ) {
    this.invocationId = invocationId;
    this.#clock = clock;
    this.#newId = newId;
    this.#customMetadata = customMetadata;
  }

  make(author: string, draft: EventDraft): Event {
    return {
      id: this.#newId('evt'),
      invocationId: this.invocationId,
      author,
      timestamp: this.#clock.nowMs(),
      actions: NO_ACTIONS,
      ...draft,
      ...(this.#customMetadata
        ? { customMetadata: { ...this.#customMetadata, ...draft.customMetadata } }
        : {}),
    };
  }
}
