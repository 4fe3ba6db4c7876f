import type { WorkerRecord } from './worker-registry.js';
import { auto, packed, powerOfChoices, preferZone, type WorkerSelector } from './worker-selector.js';

/** How a gateway wants live runs to be distributed. */
export interface PlacementPolicy {
  readonly mode: 'auto' | 'spread' | 'packed';
  /** Workers of this zone are preferred; '' for none. */
  readonly zone: string;
  /** The oldest version of the link that the gateway speaks. */
  readonly minVersion: number;
}

export const DEFAULT_POLICY: PlacementPolicy = { mode: 'spread', zone: '', minVersion: 1 };

const SELECTORS: Readonly<Record<PlacementPolicy['mode'], WorkerSelector>> = {
  auto,
  packed,
  spread: powerOfChoices,
};

export function selectorOf(policy: PlacementPolicy): WorkerSelector {
  return preferZone(policy.zone, SELECTORS[policy.mode]);
}

/** Whether a worker may be named at all. */
export function suits(policy: PlacementPolicy, worker: Pick<WorkerRecord, 'version'>): boolean {
  return worker.version >= policy.minVersion;
}
