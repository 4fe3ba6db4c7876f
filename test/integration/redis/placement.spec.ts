import { afterAll, beforeAll } from 'vitest';
import type { LocalRedis } from '@parley/redis';
import {
  describePlacementModel,
  describeRunJournal,
  describeSessionDirectory,
  describeWorkerRegistry,
  type OpenPlacement,
} from '@parley-testing/placement';
import { openRedisJournal } from '../../support/redis/redis-journal.js';
import { openRedisPlacement } from '../../support/redis/redis-placement.js';
import { describeOnEveryRedis, startRedis } from '../../support/redis/start-redis.js';

await describeOnEveryRedis('RedisPlacement', (kind, title) => {
  let server: LocalRedis;
  beforeAll(async () => {
    server = await startRedis(kind);
  });
  afterAll(() => server.stop());

  const open: OpenPlacement = (options) => openRedisPlacement(server.url, options);
  describeWorkerRegistry(title, open);
  describeSessionDirectory(title, open);
  describeRunJournal(title, () => openRedisJournal(server.url));
  describePlacementModel(title, open, { runs: kind === 'server' ? 150 : 40, seed: 20_261_123 });
});
