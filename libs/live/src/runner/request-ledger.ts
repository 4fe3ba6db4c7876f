import type { Event } from '@parley/event';

/** The names of so many messages are known, the newest. */
const MAX_KNOWN = 1_024;

/** The invocation of the run with this id: whoever takes the run over goes on with the same. */
export function invocationIdOf(liveId: string): string {
  return `e-${liveId.replace(/^live_/, '')}`;
}

/** The id of the stored event of what the user typed, by the name that its sender gave it. */
export function userEventId(invocationId: string, requestId: string): string {
  return `${invocationId}.in.${requestId}`;
}

/**
 * The messages of one run that their sender gave a name: each is taken once, whichever process it reached first.
 *
 * 1. `onStored` is told of a message when it is stored, or settled otherwise; and again whenever it is sent again
 *    after that. Until then its sender has to send it again, should the run go on elsewhere.
 * 2. A message that leaves no event of the user's (a confirmation, one that was refused with an error) is settled when
 *    it has had its effect.
 */
export class RequestLedger {
  readonly #invocationId: string;
  readonly #onStored: (requestId: string) => void;
  readonly #known = new Map<string, 'taken' | 'stored'>();

  constructor(invocationId: string, onStored: (requestId: string) => void) {
    this.#invocationId = invocationId;
    this.#onStored = onStored;
  }

  /** Whatever of this run was stored before, by whomever. */
  remember(events: readonly Event[]): void {
    const names = events.flatMap(({ id }) => this.#nameIn(id) ?? []);
    for (const name of names.slice(-MAX_KNOWN)) this.#note(name, 'stored');
  }

  /** Whether a message is new and has to be dealt with. One without a name always is. */
  take(requestId: string | undefined): boolean {
    if (requestId === undefined) return true;
    const known = this.#known.get(requestId);
    if (known === 'stored') this.#onStored(requestId);
    if (!known) this.#note(requestId, 'taken');
    return known === undefined;
  }

  /** It was taken, and will be handed over again. */
  giveBack(requestId: string | undefined): void {
    if (requestId !== undefined) this.#known.delete(requestId);
  }

  /** For the draft of a message's event. */
  idOf(requestId: string | undefined): { readonly id?: string } {
    return requestId === undefined ? {} : { id: userEventId(this.#invocationId, requestId) };
  }

  stored({ id }: Event): void {
    this.settled(this.#nameIn(id));
  }

  /** Nothing more comes of the message, and it must not be sent again. */
  settled(requestId: string | undefined): void {
    if (requestId === undefined) return;
    this.#note(requestId, 'stored');
    this.#onStored(requestId);
  }

  #nameIn(eventId: string): string | undefined {
    const prefix = userEventId(this.#invocationId, '');
    return eventId.startsWith(prefix) ? eventId.slice(prefix.length) : undefined;
  }

  #note(requestId: string, as: 'taken' | 'stored'): void {
    this.#known.set(requestId, as);
    if (this.#known.size <= MAX_KNOWN) return;
    const oldest = this.#known.keys().next();
    if (!oldest.done) this.#known.delete(oldest.value);
  }
}
