import type { Fault } from './fault.js';

/** What happens to the control plane's Redis. A kill brings it back with what its file holds, up to a second old. */
export const REDIS_FAULTS: readonly Fault[] = [
  {
    kind: 'redis-kill',
    weight: 1,
    aim: (random) => ({
      target: 'redis',
      forMs: Math.round(random.between(1_000, 6_000)),
      begin: async ({ cluster }) => cluster.stack.localRedis?.kill('SIGKILL'),
      end: ({ cluster }) => cluster.stack.restartRedis(),
    }),
  },
  {
    kind: 'redis-stop',
    weight: 1,
    aim: (random) => ({
      target: 'redis',
      forMs: Math.round(random.between(1_000, 6_000)),
      begin: async ({ cluster }) => cluster.stack.localRedis?.kill('SIGSTOP'),
      end: async ({ cluster }) => cluster.stack.localRedis?.kill('SIGCONT'),
    }),
  },
  {
    kind: 'redis-flush',
    weight: 1,
    aim: () => ({
      target: 'redis',
      forMs: 0,
      // a Redis that is away just now has nothing to flush
      begin: ({ observer }) => observer.redis.flush().catch(() => undefined),
    }),
  },
];
