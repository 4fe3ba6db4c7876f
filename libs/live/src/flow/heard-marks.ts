import type { CancelTimer, Clock } from '@parley/kernel';

const MAX_TURNS = 8;
/** After an interruption two marks may come: one that was under way, and the last one. */
const NEWER_MARK_MS = 150;

interface Waiter {
  readonly turn: number;
  readonly deadlineAtMs: number;
  readonly resolve: (playedMs: number | undefined) => void;
  cancel: CancelTimer;
}

/**
 * What the client says of how far it has played which turn. Turns are counted as `TurnTracker` counts them.
 *
 * 1. Of each turn the furthest mark counts; marks of the newest 8 turns are kept.
 * 2. Every wait ends: 150 ms after a mark that came meanwhile, at its deadline, or with `close`.
 */
export class HeardMarks {
  readonly #clock: Clock;
  readonly #playedMs = new Map<number, number>();
  readonly #waiting = new Set<Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether this client tells at all how far it has played. */
  get reporting(): boolean {
    return this.#playedMs.size > 0;
  }

  /** A mark of the client's: nothing in it is trusted to make sense. */
  report(turn: number, playedMs: number): void {
    if (!Number.isSafeInteger(turn) || turn < 0 || !(playedMs >= 0)) return;
    this.#playedMs.set(turn, Math.max(playedMs, this.#playedMs.get(turn) ?? 0));
    if (this.#playedMs.size > MAX_TURNS) this.#playedMs.delete(Math.min(...this.#playedMs.keys()));
    for (const waiter of this.#waiting) {
      if (waiter.turn === turn) this.#settleBy(waiter, this.#clock.monotonicMs() + NEWER_MARK_MS);
    }
  }

  /**
   * How much of `turn` was played when it was interrupted just now, in milliseconds of its audio: what the client
   * says until the deadline, else what it said before. 0 when it tells of other turns but not of this one: nothing of
   * it was played. Undefined when it never told anything.
   */
  awaitMark(turn: number, deadlineMs: number): Promise<number | undefined> {
    return new Promise((resolve) => {
      const deadlineAtMs = this.#clock.monotonicMs() + deadlineMs;
      const waiter: Waiter = { turn, deadlineAtMs, resolve, cancel: () => undefined };
      this.#waiting.add(waiter);
      this.#settleBy(waiter, deadlineAtMs);
    });
  }

  /** Ends every wait with what is known. Idempotent. */
  close(): void {
    for (const waiter of this.#waiting) this.#settle(waiter);
  }

  #settleBy(waiter: Waiter, atMs: number): void {
    waiter.cancel();
    const leftMs = Math.min(atMs, waiter.deadlineAtMs) - this.#clock.monotonicMs();
    waiter.cancel = this.#clock.after(Math.max(0, leftMs), () => this.#settle(waiter));
  }

  #settle(waiter: Waiter): void {
    waiter.cancel();
    this.#waiting.delete(waiter);
    waiter.resolve(this.#playedMs.get(waiter.turn) ?? (this.reporting ? 0 : undefined));
  }
}
