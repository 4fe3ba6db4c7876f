import { MAX_CANDIDATES } from './session-directory.js';
import type { WorkerRecord } from './worker-registry.js';

/** Which workers to offer for a placement, best first; the directory takes the best of those with room. */
export type WorkerSelector = (workers: readonly WorkerRecord[], random: () => number) => readonly string[];

const DRAWN = 4;
const KEPT = 3;
/** How many of the least loaded the draw is from: enough for many gateways not to meet. */
const DRAWN_FROM = 64;
const PACKED_BELOW = 0.6;
const AUTO_PACKS_BELOW = 0.4;

/** What workers are compared by, lower is better: the fuller of their slots and their machine, 0…1. */
export function placementRank(worker: Pick<WorkerRecord, 'used' | 'capacity' | 'load'>): number {
  return Math.max(worker.used / worker.capacity, worker.load);
}

/**
 * Draws four at random and keeps the three best. Gateways that share an old picture of the fleet thus spread out
 * instead of all running to the worker that was the emptiest a second ago.
 */
export const powerOfChoices: WorkerSelector = (workers, random) =>
  drawWithoutReplacement(byRank(workers).slice(0, DRAWN_FROM), DRAWN, random)
    .sort((a, b) => placementRank(a) - placementRank(b))
    .slice(0, KEPT)
    .map((worker) => worker.workerId);

/**
 * The fullest below 60 %, so that the others empty and can be taken away. Only that one: of several the directory would
 * take the emptiest. Above 60 % everywhere it spreads.
 */
export const packed: WorkerSelector = (workers, random) => {
  const fullest = byRank(workers.filter((worker) => placementRank(worker) < PACKED_BELOW)).at(-1);
  return fullest ? [fullest.workerId] : powerOfChoices(workers, random);
};

/** Packs while less than 40 % of the fleet is used, spreads above. */
export const auto: WorkerSelector = (workers, random) => {
  const used = workers.reduce((sum, worker) => sum + worker.used, 0);
  const capacity = workers.reduce((sum, worker) => sum + worker.capacity, 0);
  return used < AUTO_PACKS_BELOW * capacity ? packed(workers, random) : powerOfChoices(workers, random);
};

/** As many as one placement may name, the least loaded first: the last try before a caller is refused. */
export const leastLoaded: WorkerSelector = (workers) =>
  byRank(workers)
    .slice(0, MAX_CANDIDATES)
    .map((worker) => worker.workerId);

/** Chooses within the zone, and anywhere when the zone has no candidate; a caller without a zone prefers none. */
export function preferZone(zone: string, select: WorkerSelector): WorkerSelector {
  if (zone === '') return select;
  return (workers, random) => {
    const near = workers.filter((worker) => worker.zone === zone);
    return select(near.length > 0 ? near : workers, random);
  };
}

function byRank(workers: readonly WorkerRecord[]): WorkerRecord[] {
  return [...workers].sort((a, b) => placementRank(a) - placementRank(b));
}

function drawWithoutReplacement<T>(items: readonly T[], count: number, random: () => number): T[] {
  const rest = [...items];
  const drawn: T[] = [];
  while (drawn.length < count && rest.length > 0) {
    drawn.push(...rest.splice(Math.floor(random() * rest.length), 1));
  }
  return drawn;
}
