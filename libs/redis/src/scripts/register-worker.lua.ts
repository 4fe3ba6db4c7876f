import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';

/**
 * KEYS: index, the worker, its live runs
 * ARGV: prefix, times, workerId, incarnation, address, capacity, leaseMs, state, zone, version
 * Looked up: live runs under a lease that ran out, their scopes
 * Returns: 'registered' | 'duplicate'
 */
export const REGISTER_WORKER = luaScript(
  'register-worker',
  CONTROL_PLANE_LUA,
  `
local id, incarnation = ARGV[6], ARGV[7]
local known = redis.call('HMGET', KEYS[6], 'inc', 'dl')
local another = known[1] and known[1] ~= incarnation
if another and tonumber(known[2]) > now then return { 'duplicate' } end
if known[1] then settle_lease(id) end
if another then bury(id) end
redis.call('HSET', KEYS[6], 'inc', incarnation, 'addr', ARGV[8], 'cap', ARGV[9], 'st', ARGV[11],
  'dl', integer(now + ARGV[10]), 'zone', ARGV[12], 'ver', ARGV[13])
redis.call('HSETNX', KEYS[6], 'used', 0)
redis.call('HSETNX', KEYS[6], 'load', 0)
redis.call('SADD', WORKERS, id)
rank(id)
return { 'registered' }
`,
);
