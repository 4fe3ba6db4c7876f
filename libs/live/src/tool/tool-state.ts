import { ParleyError } from '@parley/kernel';

/** A session's state as one tool call sees it: reads through, collects what is set. */
export class ToolState {
  readonly #base: Readonly<Record<string, unknown>>;
  readonly #own = new Map<string, unknown>();
  #unsent = new Map<string, unknown>();

  constructor(base: Readonly<Record<string, unknown>>) {
    this.#base = base;
  }

  get(key: string): unknown {
    if (this.#own.has(key)) return this.#own.get(key);
    return Object.hasOwn(this.#base, key) ? this.#base[key] : undefined;
  }

  /**
   * Prefixes as in ADK: `app:`, `user:`, `temp:`; none for the session. Throws for what can't be stored as JSON, and
   * for the key `__proto__`, which no plain object can hold safely.
   */
  set(key: string, value: unknown): void {
    if (key === '__proto__') {
      throw new ParleyError('invalid_message', '"__proto__" is not a key of the state.', {
        kind: 'invalid_argument',
      });
    }
    JSON.stringify(value);
    this.#own.set(key, value);
    this.#unsent.set(key, value);
  }

  /** What was set and has not been taken. */
  get delta(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.#unsent);
  }

  /** Hands the delta over to an event: it is told once, and still read here. */
  takeDelta(): Readonly<Record<string, unknown>> {
    const { delta } = this;
    this.#unsent = new Map();
    return delta;
  }
}
