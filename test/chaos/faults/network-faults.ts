import type { TcpProxy } from '@parley/local';
import type { Aimed, Fault, Scene } from './fault.js';

const LINES_OF_ALL = (scene: Scene): readonly (TcpProxy | undefined)[] =>
  scene.cluster.processes.map((name) => scene.cluster.stack.redisProxy(name));

const partition = (
  target: string,
  forMs: number,
  lines: (scene: Scene) => readonly (TcpProxy | undefined)[],
): Aimed => ({
  target,
  forMs,
  begin: async (scene) => lines(scene).forEach((line) => line?.hold()),
  end: async (scene) => {
    await Promise.all(lines(scene).map(async (line) => line?.heal()));
  },
});

/** Lines between processes on which nothing passes for a while, with the processes themselves in good health. */
export const NETWORK_FAULTS: readonly Fault[] = [
  {
    kind: 'partition-worker-redis',
    weight: 1,
    aim: (random, { workers }) => {
      const worker = random.pick(workers);
      return partition(worker, Math.round(random.between(3_000, 9_000)), ({ cluster }) => [
        cluster.stack.redisProxy(worker),
      ]);
    },
  },
  {
    kind: 'partition-worker-gateways',
    weight: 1,
    aim: (random, { workers }) => {
      const worker = random.pick(workers);
      return partition(worker, Math.round(random.between(1_000, 12_000)), ({ cluster }) => [
        cluster.stack.linkProxy(worker),
      ]);
    },
  },
  {
    kind: 'partition-all-redis',
    weight: 1,
    aim: (random) => partition('redis', Math.round(random.between(1_000, 6_000)), LINES_OF_ALL),
  },
];
