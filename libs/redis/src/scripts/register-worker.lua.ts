import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';

/**
 * KEYS: workers, ready, reserved, epoch, the worker, its live runs
 * ARGV: prefix, workerId, incarnation, address, capacity, leaseMs, state
 * Looked up: the live runs of an earlier incarnation and their scopes
 * Returns: 'registered' | 'duplicate'
 */
export const REGISTER_WORKER = luaScript(
  'register-worker',
  CONTROL_PLANE_LUA,
  `
local id, incarnation = ARGV[2], ARGV[3]
local known = redis.call('HMGET', KEYS[5], 'inc', 'dl')
if known[1] and known[1] ~= incarnation then
  if tonumber(known[2]) > now then return { 'duplicate' } end
  bury(id)
end
redis.call('HSET', KEYS[5], 'inc', incarnation, 'addr', ARGV[4], 'cap', ARGV[5], 'st', ARGV[7],
  'dl', integer(now + ARGV[6]))
redis.call('HSETNX', KEYS[5], 'used', 0)
redis.call('HSETNX', KEYS[5], 'load', 0)
redis.call('SADD', WORKERS, id)
rank(id)
return { 'registered' }
`,
);
