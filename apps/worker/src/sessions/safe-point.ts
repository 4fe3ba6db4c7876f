import { sleep, type Clock } from '@parley/kernel';
import type { LiveLine } from '@parley/live';
import type { Downlink } from './downlink.js';

const LOOK_AGAIN_MS = 20;

/** A run, as far as its safe point is concerned. */
export interface Interruptible {
  readonly line: LiveLine | undefined;
  readonly downlink: Downlink;
  /** Aborts when the run is over. */
  readonly signal: AbortSignal;
}

/**
 * Resolves when leaving the run would cut nobody off: the model is through with its turn and its tools, and the client
 * has been given all that it said. At the latest after `withinMs`, or when the run is over.
 */
export async function whenNobodyIsCutOff(
  { line, downlink, signal }: Interruptible,
  clock: Clock,
  withinMs: number,
): Promise<void> {
  const giveUpAtMs = clock.monotonicMs() + withinMs;
  const leftMs = (): number => giveUpAtMs - clock.monotonicMs();
  while (!signal.aborted && leftMs() > 0) {
    const outcome = await line?.whenSafe(leftMs());
    if (outcome === 'ended') return;
    if (outcome !== 'between_agents' && !downlink.busy) return;
    await sleep(clock, LOOK_AGAIN_MS, signal);
  }
}

/**
 * Resolves when all audio has left for the client, `withinMs` after the last of it had its time, or when `signal` aborts.
 */
export async function whenPlayedOut(
  { downlink, signal }: Omit<Interruptible, 'line'>,
  clock: Clock,
  withinMs: number,
): Promise<void> {
  const giveUpAtMs = clock.monotonicMs() + downlink.heldMs + withinMs;
  while (!signal.aborted && downlink.busy && clock.monotonicMs() < giveUpAtMs) {
    await sleep(clock, LOOK_AGAIN_MS, signal);
  }
}
