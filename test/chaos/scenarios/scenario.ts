import type { Cluster, ClusterOptions } from '../cluster.js';
import type { Party } from '../conversation-party.js';
import type { Measurement } from '../report.js';
import type { SeededRandom } from '../seeded-random.js';

/** How large a scenario is played. */
export interface Size {
  readonly sessions: number;
  readonly rounds: number;
  readonly minutes: number;
}

export interface Stage {
  readonly cluster: Cluster;
  readonly party: Party;
  readonly random: SeededRandom;
  readonly size: Size;
  /** Notes that a fault begins; the returned function notes its end. */
  readonly fault: (kind: string, target: string) => () => void;
  /** Tells whoever watches how far it is. */
  readonly say: (line: string) => void;
}

/** One test of the acceptance list, which can be run alone and smaller. */
export interface Scenario {
  readonly name: string;
  /** What it asks of the system. */
  readonly claim: string;
  readonly size: Size;
  readonly cluster: Omit<ClusterOptions, 'capacity'> & { readonly capacity?: number };
  /** Milliseconds between two things that a caller says. */
  readonly pause: readonly [low: number, high: number];
  /** So many callers, the first ones, say nothing by themselves. */
  readonly silent?: number;
  /** Runs while everyone else talks; resolves with what it measured. The promises are checked afterwards. */
  play(stage: Stage): Promise<readonly Measurement[]>;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
