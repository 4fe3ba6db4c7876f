import { callerOf, type Fault } from './fault.js';

/** What happens to clients' lines. */
export const CLIENT_FAULTS: readonly Fault[] = [
  {
    kind: 'client-cut',
    weight: 3,
    aim: (random, { callers }) => {
      const target = random.pick(callers);
      return { target, forMs: 0, begin: async (scene) => callerOf(scene, target)?.line?.cut() };
    },
  },
  {
    kind: 'client-pause',
    weight: 1,
    aim: (random, { callers }) => {
      const target = random.pick(callers);
      return {
        target,
        forMs: Math.round(random.between(1_000, 8_000)),
        begin: async (scene) => callerOf(scene, target)?.line?.pause(),
        end: async (scene) => callerOf(scene, target)?.line?.unpause(),
      };
    },
  },
  {
    kind: 'client-slow',
    weight: 1,
    aim: (random, { callers }) => {
      const target = random.pick(callers);
      return {
        target,
        forMs: Math.round(random.between(2_000, 8_000)),
        begin: async (scene) => callerOf(scene, target)?.line?.slow(10_000),
        end: async (scene) => callerOf(scene, target)?.line?.slow(undefined),
      };
    },
  },
];
