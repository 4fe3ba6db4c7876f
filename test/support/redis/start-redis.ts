import { describe } from 'vitest';
import { findRedisBinary, startLocalRedis, type LocalRedis } from '@parley/redis';
import { bundledProgram } from './bundled-program.js';

export type RedisKind = 'embedded' | 'server';

/** A Redis of the test's own, empty and on loopback; whoever starts it stops it. */
export async function startRedis(
  kind: RedisKind,
  options: { readonly dataDir?: string } = {},
): Promise<LocalRedis> {
  const redis = await startLocalRedis({
    prefer: kind,
    embeddedProgram: await bundledProgram('apps/redis/src/main.ts'),
    ...options,
  });
  if (kind === 'server' && redis.engine === 'js-redis-server') {
    await redis.stop();
    throw new Error(redis.why);
  }
  return redis;
}

/** The same tests on the embedded Redis and, where there is one, on a real server. */
export async function describeOnEveryRedis(
  name: string,
  tests: (kind: RedisKind, title: string) => void,
): Promise<void> {
  const binary = await findRedisBinary();
  describe(`${name} (embedded Redis)`, () => tests('embedded', `${name} (embedded Redis)`));
  if (binary) describe(`${name} (${binary})`, () => tests('server', `${name} (${binary})`));
  else describe.skip(`${name} (redis-server): neither redis-server nor valkey-server is on the PATH`);
}
