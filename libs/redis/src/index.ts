export * from './connection-options.js';
export * from './control-redis.js';
export { findRedisBinary } from './local/redis-binary.js';
export * from './local/start-local-redis.js';
export * from './redis-session-directory.js';
export * from './redis-worker-registry.js';
