import type { Clock } from '@parley/kernel';

/** One message of a session, for tests and for the curious. */
export interface SessionEvent {
  /** Monotonic time. */
  readonly atMs: number;
  readonly direction: 'in' | 'out';
  /** Such as `setup`, `serverContent.turnComplete` or `close 1007`. */
  readonly kind: string;
  /** The message with its media replaced by their size. */
  readonly message: unknown;
}

/** The newest events of one session; older ones are dropped. Kept in memory only. */
export class EventLog {
  readonly #clock: Clock;
  readonly #capacity: number;
  #events: SessionEvent[] = [];

  /** A capacity of 0 records nothing and costs nothing. */
  constructor(clock: Clock, capacity: number) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  get events(): readonly SessionEvent[] {
    return this.#events;
  }

  recordFrame(text: string): void {
    if (this.#capacity === 0) return;
    try {
      this.#add('in', JSON.parse(text));
    } catch {
      this.#add('in', { malformed: text.slice(0, 200) });
    }
  }

  recordMessage(message: object): void {
    if (this.#capacity > 0) this.#add('out', message);
  }

  #add(direction: 'in' | 'out', message: unknown): void {
    const shown: unknown = JSON.parse(JSON.stringify(message, hideMedia));
    this.#events.push({ atMs: this.#clock.monotonicMs(), direction, kind: kindOf(message), message: shown });
    if (this.#events.length > this.#capacity) this.#events = this.#events.slice(-this.#capacity);
  }
}

function hideMedia(name: string, value: unknown): unknown {
  return name === 'data' && typeof value === 'string' ? `(${value.length} base64 characters)` : value;
}

function kindOf(message: unknown): string {
  if (typeof message !== 'object' || message === null) return 'malformed';
  return Object.entries(message)
    .flatMap(([kind, body]: [string, unknown]) =>
      /^(serverContent|realtimeInput|realtime_input)$/.test(kind) && typeof body === 'object' && body !== null
        ? Object.keys(body).map((field) => `${kind}.${field}`)
        : [kind],
    )
    .join(' ');
}
