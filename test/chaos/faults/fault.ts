import type { Caller } from '../caller.js';
import type { Cluster } from '../cluster.js';
import type { Observer } from '../observer.js';
import type { SeededRandom } from '../seeded-random.js';

/** What a fault may lay hands on. */
export interface Scene {
  readonly cluster: Cluster;
  readonly callers: readonly Caller[];
  readonly observer: Observer;
}

/** A fault that has been aimed: all chance is in `aim`, so that a plan can be printed before it is carried out. */
export interface Aimed {
  /** Name of the process or caller. */
  readonly target: string;
  /** How long it lasts, 0 for a blow. */
  readonly forMs: number;
  begin(scene: Scene): Promise<void>;
  /** Called once `forMs` later; undefined for a blow. */
  readonly end?: (scene: Scene) => Promise<void>;
}

export interface Fault {
  readonly kind: string;
  /** How often it is drawn, against the others. */
  readonly weight: number;
  aim(random: SeededRandom, targets: Targets): Aimed;
}

export interface Targets {
  readonly workers: readonly string[];
  readonly gateways: readonly string[];
  readonly callers: readonly string[];
}

export function signal(cluster: Cluster, name: string, what: NodeJS.Signals): void {
  const process = cluster.stack.process(name);
  if (process?.up) process.kill(what);
}

export function callerOf({ callers }: Scene, name: string): Caller | undefined {
  return callers.find((caller) => caller.name === name && !caller.closed);
}
