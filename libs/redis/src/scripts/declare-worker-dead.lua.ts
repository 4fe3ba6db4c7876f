import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';

/**
 * KEYS: index, the worker, its live runs
 * ARGV: prefix, times, workerId, incarnation, '1' when its end was seen
 * Looked up: its live runs and their scopes
 * Returns: 'dead' | 'alive' | 'other' (another incarnation is on record, or none)
 */
export const DECLARE_WORKER_DEAD = luaScript(
  'declare-worker-dead',
  CONTROL_PLANE_LUA,
  `
local known = redis.call('HMGET', KEYS[6], 'inc', 'dl')
if known[1] ~= ARGV[7] then return { 'other' } end
if tonumber(known[2]) > now then
  if ARGV[8] ~= '1' then return { 'alive' } end
  redis.call('HSET', KEYS[6], 'dl', integer(now))
end
settle_lease(ARGV[6])
redis.call('ZREM', READY, ARGV[6])
return { 'dead' }
`,
);
