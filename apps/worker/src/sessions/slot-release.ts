import { toParleyError, type CancelTimer, type Clock, type Log } from '@parley/kernel';
import type { SessionDirectory } from '@parley/placement';

/** How often a slot that could not be given back is tried again. */
const AGAIN_MS = 1_000;

interface Owed {
  readonly liveId: string;
  readonly epoch: number;
  /** Not before, monotonic milliseconds. */
  readonly fromMs: number;
}

export interface SlotReleaseOptions {
  readonly directory: SessionDirectory;
  /** Whether the run is up here (again). */
  readonly runs: (liveId: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Gives back the slots of runs that are over; what can not be given back is tried again until it is, or `close`. */
export class SlotRelease {
  readonly #options: SlotReleaseOptions;
  readonly #owed = new Map<string, Owed>();
  #stop: CancelTimer | undefined;

  constructor(options: SlotReleaseOptions) {
    this.#options = options;
  }

  /** True when the directory has taken the slot back from this epoch, so that the run is over for good. */
  async release(liveId: string, epoch: number): Promise<boolean> {
    const { directory, log } = this.#options;
    try {
      return (await directory.release(liveId, epoch)) === 'released';
    } catch (error) {
      log.warn('a slot could not be given back yet', { liveId, code: toParleyError(error).code });
      this.later(liveId, epoch, 0);
      return false;
    }
  }

  /** Gives the slot back in `delayMs`, unless the run is up here by then. */
  later(liveId: string, epoch: number, delayMs: number): void {
    const { clock } = this.#options;
    this.#owed.set(liveId, { liveId, epoch, fromMs: clock.monotonicMs() + delayMs });
    this.#stop ??= clock.every(AGAIN_MS, () => void this.#again());
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  async #again(): Promise<void> {
    const { clock, directory, runs } = this.#options;
    for (const { liveId, epoch, fromMs } of [...this.#owed.values()]) {
      if (fromMs > clock.monotonicMs()) continue;
      if (!runs(liveId)) {
        try {
          await directory.release(liveId, epoch);
        } catch {
          // still away: the next turn tries again
          return;
        }
      }
      this.#owed.delete(liveId);
    }
    if (this.#owed.size === 0) this.close();
  }
}
