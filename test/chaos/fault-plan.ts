import { ALL_FAULTS } from './faults/all-faults.js';
import type { Aimed, Scene, Targets } from './faults/fault.js';
import type { SeededRandom } from './seeded-random.js';

export interface PlannedFault {
  readonly id: number;
  readonly kind: string;
  readonly atMs: number;
  readonly aimed: Aimed;
}

export interface PlanOptions {
  readonly random: SeededRandom;
  readonly targets: Targets;
  readonly forMs: number;
  /** Pause between the beginnings of two faults, milliseconds. */
  readonly pause: readonly [low: number, high: number];
  /** Kinds to draw from; undefined: all. */
  readonly only: readonly string[] | undefined;
}

/** The kinds that there are. */
export const FAULT_KINDS: readonly string[] = ALL_FAULTS.map(({ kind }) => kind);

/** What will be done to the cluster, and when; the same for the same seed. Faults may overlap, also on one target. */
export function planFaults({ random, targets, forMs, pause, only }: PlanOptions): readonly PlannedFault[] {
  const drawn = ALL_FAULTS.filter(({ kind }) => only === undefined || only.includes(kind)).flatMap((fault) =>
    Array.from({ length: fault.weight }, () => fault),
  );
  if (drawn.length === 0) return [];
  const plan: PlannedFault[] = [];
  for (let atMs = random.between(...pause), id = 1; atMs < forMs; atMs += random.between(...pause), id++) {
    const fault = random.pick(drawn);
    const aimed = fault.aim(random, targets);
    if (contradicts(plan, fault.kind, aimed.target, atMs)) continue;
    plan.push({ id, kind: fault.kind, atMs: Math.round(atMs), aimed });
  }
  return plan;
}

/** What would undo a fault that is still on: a Redis that is killed while it stands still, a target struck twice alike. */
function contradicts(plan: readonly PlannedFault[], kind: string, target: string, atMs: number): boolean {
  return plan.some(
    (other) =>
      atMs <= other.atMs + other.aimed.forMs + 500 &&
      other.aimed.target === target &&
      (target === 'redis' || other.kind === kind || /stop|stall/.test(other.kind)),
  );
}

/** Carries a plan out, and ends every fault that it began, however it ends itself. */
export async function carryOut(
  plan: readonly PlannedFault[],
  scene: Scene,
  tell: (fault: PlannedFault, phase: 'begin' | 'end') => void,
): Promise<void> {
  const startedAtMs = performance.now();
  await Promise.all(
    plan.map(async (fault) => {
      await pause(fault.atMs - (performance.now() - startedAtMs));
      tell(fault, 'begin');
      await fault.aimed.begin(scene);
      if (fault.aimed.end) {
        await pause(fault.aimed.forMs);
        await fault.aimed.end(scene);
      }
      tell(fault, 'end');
    }),
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
