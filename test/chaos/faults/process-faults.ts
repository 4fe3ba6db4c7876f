import { signal, type Aimed, type Fault } from './fault.js';
import type { SeededRandom } from '../seeded-random.js';

const blow = (target: string, what: NodeJS.Signals): Aimed => ({
  target,
  forMs: 0,
  begin: async ({ cluster }) => signal(cluster, target, what),
});

const standStill = (target: string, forMs: number): Aimed => ({
  target,
  forMs,
  begin: async ({ cluster }) => signal(cluster, target, 'SIGSTOP'),
  end: async ({ cluster }) => signal(cluster, target, 'SIGCONT'),
});

const someMs = (random: SeededRandom, low: number, high: number): number =>
  Math.round(random.between(low, high));

/** What happens to processes: crashes, rollouts, machines that stand still. What is gone is started again. */
export const PROCESS_FAULTS: readonly Fault[] = [
  { kind: 'worker-kill', weight: 3, aim: (random, { workers }) => blow(random.pick(workers), 'SIGKILL') },
  { kind: 'worker-drain', weight: 2, aim: (random, { workers }) => blow(random.pick(workers), 'SIGTERM') },
  { kind: 'gateway-kill', weight: 2, aim: (random, { gateways }) => blow(random.pick(gateways), 'SIGKILL') },
  { kind: 'gateway-drain', weight: 1, aim: (random, { gateways }) => blow(random.pick(gateways), 'SIGTERM') },
  {
    // shorter than half a lease: moves nothing
    kind: 'worker-stall',
    weight: 2,
    aim: (random, { workers }) => standStill(random.pick(workers), 1_900),
  },
  {
    kind: 'worker-stop',
    weight: 2,
    aim: (random, { workers }) => standStill(random.pick(workers), someMs(random, 6_000, 10_000)),
  },
];
