import type { CancelTimer, Clock } from '@parley/kernel';

export type RotationReason = 'go_away' | 'asked';

export interface RotationOptions {
  readonly clock: Clock;
  /** Whether the conversation would lose nothing now. */
  readonly isSafe: () => boolean;
  /** Called once. */
  readonly onDue: (reason: RotationReason) => void;
}

/** What is kept of the announced time for the change itself. */
const RESERVE_MS = 5_000;
/** Of a time that is too short to keep a reserve. */
const USABLE_PART = 0.8;
/** Some of what makes a moment safe is only that nothing has happened for a while. */
const LOOK_EVERY_MS = 100;

/**
 * When one socket gives way to the next: at the first safe moment after someone asked, and at the deadline if there is
 * none. Belongs to one socket; `close` is idempotent, and after it or after `onDue` no timer is left.
 */
export class Rotation {
  readonly #options: RotationOptions;
  #reason: RotationReason | undefined;
  #deadlineAtMs = Number.POSITIVE_INFINITY;
  #cancelLook: CancelTimer | undefined;
  #cancelDeadline: CancelTimer | undefined;
  #over = false;

  constructor(options: RotationOptions) {
    this.#options = options;
  }

  /** The provider will close the connection in `timeLeftMs`. */
  goAway(timeLeftMs: number): void {
    const usableMs = timeLeftMs > RESERVE_MS ? timeLeftMs - RESERVE_MS : timeLeftMs * USABLE_PART;
    this.#require('go_away', usableMs);
  }

  ask(withinMs: number): void {
    this.#require('asked', withinMs);
  }

  /** To be called whenever a moment may have become safe. */
  look(): void {
    if (this.#over || this.#reason === undefined) return;
    const { clock, isSafe, onDue } = this.#options;
    if (clock.monotonicMs() < this.#deadlineAtMs && !isSafe()) return;
    this.close();
    onDue(this.#reason);
  }

  close(): void {
    this.#over = true;
    this.#cancelLook?.();
    this.#cancelDeadline?.();
  }

  #require(reason: RotationReason, withinMs: number): void {
    if (this.#over) return;
    const { clock } = this.#options;
    if (this.#reason !== 'go_away') this.#reason = reason;
    this.#cancelLook ??= clock.every(LOOK_EVERY_MS, () => this.look());
    const atMs = clock.monotonicMs() + Math.max(0, withinMs);
    if (atMs < this.#deadlineAtMs) {
      this.#deadlineAtMs = atMs;
      this.#cancelDeadline?.();
      this.#cancelDeadline = clock.after(Math.max(0, withinMs), () => this.look());
    }
    this.look();
  }
}
