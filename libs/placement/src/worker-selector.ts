import { MAX_CANDIDATES } from './session-directory.js';
import type { WorkerRecord } from './worker-registry.js';

/** Which workers to offer for a placement, best first; the directory takes the best of those with room. */
export type WorkerSelector = (workers: readonly WorkerRecord[], random: () => number) => readonly string[];

const DRAWN = 4;
const KEPT = 3;

/** What workers are compared by, lower is better: the fuller of their slots and their machine, 0…1. */
export function placementRank(worker: Pick<WorkerRecord, 'used' | 'capacity' | 'load'>): number {
  return Math.max(worker.used / worker.capacity, worker.load);
}

/**
 * Draws four at random and keeps the three best. Gateways that share an old picture of the fleet thus spread out
 * instead of all running to the worker that was the emptiest a second ago.
 */
export const powerOfChoices: WorkerSelector = (workers, random) =>
  drawWithoutReplacement(workers, DRAWN, random)
    .sort((a, b) => placementRank(a) - placementRank(b))
    .slice(0, KEPT)
    .map((worker) => worker.workerId);

/** As many as one placement may name, the least loaded first: the last try before a caller is refused. */
export const leastLoaded: WorkerSelector = (workers) =>
  [...workers]
    .sort((a, b) => placementRank(a) - placementRank(b))
    .slice(0, MAX_CANDIDATES)
    .map((worker) => worker.workerId);

function drawWithoutReplacement<T>(items: readonly T[], count: number, random: () => number): T[] {
  const rest = [...items];
  const drawn: T[] = [];
  while (drawn.length < count && rest.length > 0) {
    drawn.push(...rest.splice(Math.floor(random() * rest.length), 1));
  }
  return drawn;
}
