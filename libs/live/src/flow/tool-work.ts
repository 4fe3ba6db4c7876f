import { withinBounds, type Clock } from '@parley/kernel';

/** One place in `ToolWork`, free again when everything that it holds has settled. */
export interface Occupied {
  /** Keeps the place until `work` settles; its outcome is nobody's business here. */
  hold(work: PromiseLike<unknown>): void;
  readonly released: Promise<void>;
}

/**
 * The code of tools that is under way, whether or not anyone still waits for it: a tool that ignores its signal or
 * its deadline goes on, and counts.
 */
export class ToolWork {
  readonly #occupied = new Set<{ readonly toolName: string }>();
  readonly #clock: Clock;
  #whenIdle: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#occupied.size;
  }

  occupy(toolName: string): Occupied {
    const place = { toolName };
    this.#occupied.add(place);
    let held = 0;
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const settled = (): void => {
      held -= 1;
      if (held > 0) return;
      this.#occupied.delete(place);
      release();
      if (this.#occupied.size === 0) this.#whenIdle?.();
    };
    return {
      released,
      hold: (work) => {
        held += 1;
        work.then(settled, settled);
      },
    };
  }

  /** Resolves when nothing is under way, at the latest after `withinMs`, with the names of the tools that still are. */
  async idle(withinMs: number): Promise<readonly string[]> {
    if (this.#occupied.size === 0) return [];
    const idle = new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
    });
    const onExpiry = (): Error => new Error('still busy');
    await withinBounds(idle, { clock: this.#clock, withinMs, onExpiry }).catch(() => undefined);
    return [...this.#occupied].map(({ toolName }) => toolName);
  }
}
