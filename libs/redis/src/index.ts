export { queueConnectionOptions, type QueueConnectionOptions } from './connection-options.js';
export * from './control-redis.js';
export { findRedisBinary, freePort, startRedisProcess, type RedisBinary } from './local/redis-binary.js';
export * from './local/start-local-redis.js';
export * from './lua-script.js';
export * from './redis-run-journal.js';
export * from './redis-session-directory.js';
export { redisTopology, type HostPort, type RedisTopology } from './redis-topology.js';
export * from './redis-worker-registry.js';
