import type { Log } from '@parley/kernel';
import type { SessionResumptionUpdate } from '../codec/server-message.js';
import type { ResumptionStore, SessionSnapshot } from './resumption-store.js';

export interface ResumptionUpdatesOptions {
  readonly store: ResumptionStore;
  readonly owner: string;
  /** Whether updates tell how far the client's messages were taken in. */
  readonly transparent: boolean;
  readonly snapshot: () => SessionSnapshot;
  readonly send: (update: SessionResumptionUpdate) => void;
  readonly log: Log;
}

/**
 * Tells a client that asked for it whether the session can be resumed at this point, and by which handle.
 *
 * 1. Handles go out in the order of the states they stand for; a state that was overtaken while it was being
 *    saved is not announced.
 * 2. After `close` nothing is sent.
 */
export class ResumptionUpdates {
  readonly #options: ResumptionUpdatesOptions;
  #state = 0;
  #consumedMessages = 0;
  #closed = false;

  constructor(options: ResumptionUpdatesOptions) {
    this.#options = options;
  }

  /** A client message was taken in; setup is message 0 and doesn't count. */
  consumed(): void {
    this.#consumedMessages += 1;
  }

  /** Generation or a tool call begins: not resumable here. */
  suspended(): void {
    this.#state += 1;
    this.#options.send(this.#index());
  }

  /** The session can be resumed as it is now. */
  resumable(): void {
    const state = ++this.#state;
    const index = this.#index();
    const { store, owner, snapshot, send, log } = this.#options;
    store.save(owner, snapshot()).then(
      (newHandle) => {
        if (state === this.#state && !this.#closed) send({ newHandle, resumable: true, ...index });
      },
      (error: unknown) => log.warn('a resumption snapshot could not be saved', { error }),
    );
  }

  close(): void {
    this.#closed = true;
  }

  #index(): SessionResumptionUpdate {
    const { transparent } = this.#options;
    const known = transparent && this.#consumedMessages > 0;
    return known ? { lastConsumedClientMessageIndex: String(this.#consumedMessages) } : {};
  }
}
