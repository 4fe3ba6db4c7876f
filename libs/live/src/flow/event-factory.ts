import type { ErrorDetails, Event, EventActions } from '@parley/event';
import { NO_ACTIONS } from '@parley/event';
import type { Clock, IdFactory, ParleyError } from '@parley/kernel';

/** What an event says, without what every event of a run has in common. */
export type EventDraft = Partial<Omit<Event, 'id' | 'invocationId' | 'timestamp' | 'author' | 'actions'>> & {
  readonly actions?: Partial<EventActions>;
  /** By default a new one. */
  readonly id?: string;
};

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

  make(author: string, { actions, ...draft }: EventDraft, timestamp = this.#clock.nowMs()): Event {
    return {
      id: this.#newId('evt'),
      invocationId: this.invocationId,
      author,
      timestamp,
      actions: actions ? { ...NO_ACTIONS, ...actions } : NO_ACTIONS,
      ...draft,
      ...(this.#customMetadata
        ? { customMetadata: { ...this.#customMetadata, ...draft.customMetadata } }
        : {}),
    };
  }

  /** Trouble, and how far it reaches; `details.closeCode` of the error is told as it is. */
  error(author: string, error: ParleyError, scope: ErrorDetails['scope']): Event {
    const { closeCode } = error.details;
    const errorDetails: ErrorDetails = {
      scope,
      retryable: error.retryable,
      ...(typeof closeCode === 'number' ? { closeCode } : {}),
    };
    return this.make(author, { errorCode: error.code, errorMessage: error.message, errorDetails });
  }
}
