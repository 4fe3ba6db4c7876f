import { INITIAL_STATE, type CallState } from './call-state.js';
import type { EventLine } from './event-line.js';
import type { Outage } from './outage.js';

const MAX_EVENTS = 500;
/** How long it is said that the call is back. */
const BACK_SHOWN_MS = 6_000;

/** The page's state, for `useSyncExternalStore`: a new object for each change. */
export class CallStore {
  #state: CallState = INITIAL_STATE;
  readonly #listeners = new Set<() => void>();

  readonly read = (): CallState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  change(change: Partial<CallState> | ((state: CallState) => Partial<CallState>)): void {
    const changes = typeof change === 'function' ? change(this.#state) : change;
    this.#state = { ...this.#state, ...changes };
    for (const listener of this.#listeners) listener();
  }

  /** The break is over; that is said for a moment, unless another one comes. */
  showBack(resumed: Extract<Outage, { state: 'back' }>['resumed']): void {
    const outage: Outage = { state: 'back', resumed };
    this.change({ outage });
    setTimeout(() => {
      if (this.#state.outage === outage) this.change({ outage: undefined });
    }, BACK_SHOWN_MS);
  }

  addEvent(line: EventLine): void {
    this.change(({ events }) => ({ events: [...events, line].slice(-MAX_EVENTS) }));
  }
}
