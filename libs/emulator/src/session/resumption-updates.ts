import type { Log } from '@parley/kernel';
import type { SessionResumptionUpdate } from '../codec/server-message.js';
import type { Resumption } from './resumption.js';
import type { SessionSnapshot } from './resumption-store.js';

export interface ResumptionUpdatesOptions {
  readonly resumption: Resumption;
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
 * 2. That the session can't be resumed is said once, until it can again.
 * 3. After `close` nothing is sent.
 */
export class ResumptionUpdates {
  readonly #options: ResumptionUpdatesOptions;
  #state = 0;
  #told: 'nothing' | 'resumable' | 'suspended' = 'nothing';
  #offering = false;
  #closed = false;

  constructor(options: ResumptionUpdatesOptions) {
    this.#options = options;
  }

  /** The last word is that the session can't be resumed, and no other is on its way. */
  get suspended(): boolean {
    return this.#told === 'suspended' && !this.#offering;
  }

  /** Generation or a tool call begins: not resumable here. */
  suspend(): void {
    this.#state += 1;
    this.#offering = false;
    if (this.#told === 'suspended') return;
    this.#told = 'suspended';
    // proto3 JSON leaves out what is false or empty.
    this.#options.send({});
  }

  /** The session can be resumed as it is now, with all messages after `index` sent again. */
  offer(index: number): void {
    this.#offering = true;
    const state = ++this.#state;
    const { resumption, owner, snapshot, send, transparent, log } = this.#options;
    resumption.save(owner, snapshot()).then(
      (newHandle) => {
        if (state !== this.#state || this.#closed) return;
        this.#offering = false;
        this.#told = 'resumable';
        const consumed = transparent && index > 0 && { lastConsumedClientMessageIndex: String(index) };
        send({ newHandle, resumable: true, ...consumed });
      },
      (error: unknown) => log.warn('a resumption snapshot could not be saved', { error }),
    );
  }

  close(): void {
    this.#closed = true;
  }
}
