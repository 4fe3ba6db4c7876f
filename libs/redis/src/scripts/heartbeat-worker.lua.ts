import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';

/**
 * A worker without a record is unknown, never fenced: Redis lost it, and its live runs are to go on. Only an
 * incarnation that holds a lease fences another one.
 *
 * KEYS: workers, ready, reserved, epoch, the worker
 * ARGV: prefix, workerId, incarnation, leaseMs, state, load
 * Returns: 'ok', used | 'unknown' | 'fenced'
 */
export const HEARTBEAT_WORKER = luaScript(
  'heartbeat-worker',
  CONTROL_PLANE_LUA,
  `
local known = redis.call('HMGET', KEYS[5], 'inc', 'dl', 'used')
if not known[1] then return { 'unknown' } end
if known[1] ~= ARGV[3] then
  return { tonumber(known[2]) > now and 'fenced' or 'unknown' }
end
redis.call('HSET', KEYS[5], 'dl', integer(now + ARGV[4]), 'st', ARGV[5], 'load', ARGV[6])
rank(ARGV[2])
return { 'ok', known[3] }
`,
);
