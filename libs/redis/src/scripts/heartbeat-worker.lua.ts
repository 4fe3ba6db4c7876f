import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';
import { WORKER_COMMANDS_LUA } from './worker-commands.lua.js';

/**
 * A worker without a record is unknown, never fenced: Redis lost it, and its live runs are to go on. Only an
 * incarnation that holds a lease fences another one. Commands stay until they are heard, so that none is lost with an
 * answer that came too late.
 *
 * KEYS: index, the worker, its live runs, what waits for it
 * ARGV: prefix, times, workerId, incarnation, leaseMs, state, load, the number heard last
 * Looked up: its live runs and their scopes when its lease had run out
 * Returns: 'ok', used, '1' when lapsed, then for each command its number, kind and liveId | 'unknown' | 'fenced'
 */
export const HEARTBEAT_WORKER = luaScript(
  'heartbeat-worker',
  CONTROL_PLANE_LUA,
  WORKER_COMMANDS_LUA,
  `
local id, state, heard = ARGV[6], ARGV[9], tonumber(ARGV[11])
local known = redis.call('HMGET', KEYS[6], 'inc', 'dl')
if not known[1] then return { 'unknown' } end
if known[1] ~= ARGV[7] then
  return { tonumber(known[2]) > now and 'fenced' or 'unknown' }
end
local lapsed = settle_lease(id)
if lapsed and state == 'ready' then state = 'full' end
redis.call('HSET', KEYS[6], 'dl', integer(now + ARGV[8]), 'st', state, 'load', ARGV[10])
rank(id)
local reply = { 'ok', redis.call('HGET', KEYS[6], 'used'), lapsed and '1' or '0' }
each_command(id, function(live_id, kind, number)
  if tonumber(number) <= heard then return redis.call('HDEL', KEYS[8], live_id) end
  for _, field in ipairs({ number, kind, live_id }) do reply[#reply + 1] = field end
end)
return reply
`,
);
