/** A session's state as one tool call sees it: reads through, collects what is set. */
export class ToolState {
  readonly #base: Readonly<Record<string, unknown>>;
  readonly #delta: Record<string, unknown> = {};

  constructor(base: Readonly<Record<string, unknown>>) {
    this.#base = base;
  }

  get(key: string): unknown {
    return Object.hasOwn(this.#delta, key) ? this.#delta[key] : this.#base[key];
  }

  /** Prefixes as in ADK: `app:`, `user:`, `temp:`; none for the session. Throws for what can't be stored as JSON. */
  set(key: string, value: unknown): void {
    JSON.stringify(value);
    this.#delta[key] = value;
  }

  get delta(): Readonly<Record<string, unknown>> {
    return this.#delta;
  }
}
