import type { CancelTimer, Clock } from '@parley/kernel';
import type { LagHistogram } from '../session/lag-histogram.js';

/** How often each member is served. */
export const LOAD_PERIOD_MS = 100;
const TICK_MS = 10;
const SLOTS = LOAD_PERIOD_MS / TICK_MS;
const MAX_CATCH_UP_TICKS = 100;

export interface LoadMember {
  /** Called once in every period. */
  step(): void;
}

/**
 * The one 10 ms ticker of all load sessions: each belongs to one of ten slots and is served ten times a second,
 * so that the work spreads evenly however many there are.
 *
 * 1. Slots are due at absolute times; after a pause of the process up to a second is made up for.
 * 2. It ticks only while it has members.
 */
export class LoadWheel {
  readonly #clock: Clock;
  readonly #lag: LagHistogram;
  readonly #slots = Array.from({ length: SLOTS }, () => new Set<LoadMember>());
  #joined = 0;
  #members = 0;
  #stop: CancelTimer | undefined;
  #startMs = 0;
  #ticks = 0;

  constructor(clock: Clock, lag: LagHistogram) {
    this.#clock = clock;
    this.#lag = lag;
  }

  /** The returned function takes the member out again and is idempotent. */
  join(member: LoadMember): () => void {
    const slot = this.#slots[this.#joined++ % SLOTS];
    slot?.add(member);
    this.#members += 1;
    if (!this.#stop) this.#start();
    return () => {
      if (!slot?.delete(member)) return;
      this.#members -= 1;
      if (this.#members === 0) this.close();
    };
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #start(): void {
    this.#startMs = this.#clock.monotonicMs();
    this.#ticks = 0;
    this.#stop = this.#clock.every(TICK_MS, () => this.#catchUp());
  }

  #catchUp(): void {
    const nowMs = this.#clock.monotonicMs();
    const due = Math.floor((nowMs - this.#startMs) / TICK_MS);
    this.#ticks = Math.max(this.#ticks, due - MAX_CATCH_UP_TICKS);
    while (this.#ticks < due) {
      this.#ticks += 1;
      const lagMs = nowMs - (this.#startMs + this.#ticks * TICK_MS);
      for (const member of this.#slots[this.#ticks % SLOTS] ?? []) {
        this.#lag.record(lagMs);
        member.step();
      }
    }
  }
}
