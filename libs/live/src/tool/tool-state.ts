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

  /** Prefixes as in ADK: `app:`, `user:`, `temp:`; none for the session. */
  set(key: string, value: unknown): void {
    this.#delta[key] = value;
  }

  get delta(): Readonly<Record<string, unknown>> {
    return this.#delta;
  }
}
