import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';

/**
 * KEYS: index
 * ARGV: prefix, times, limit, burialMs
 * Looked up: reservations that ran out, live runs under leases that ran out, orphans past their time; workers that are
 * silent for `burialMs` after their lease
 * Returns: how many reservations and orphans it cleared away, '1' when more may be due: each step takes at most `limit`
 */
export const SWEEP = luaScript(
  'sweep',
  CONTROL_PLANE_LUA,
  `
local limit = tonumber(ARGV[6])
local reservations = sweep_reservations(limit)
if reservations == limit then return { integer(reservations), '1' } end

local abandoned = 0
for _, id in ipairs(redis.call('SMEMBERS', WORKERS)) do
  local ends = tonumber(redis.call('HGET', worker_key(id), 'dl'))
  if ends <= now then
    abandoned = abandoned + abandon(id, ends, limit - abandoned)
    if abandoned == limit then return { integer(reservations), '1' } end
    if ends + ARGV[7] <= now then bury(id) end
  end
end

local orphans = redis.call('ZRANGEBYSCORE', ORPHANS, '-inf', integer(now), 'LIMIT', 0, limit)
for _, live_id in ipairs(orphans) do
  current(live_id)
  redis.call('ZREM', ORPHANS, live_id)
end
return { integer(reservations + #orphans), #orphans == limit and '1' or '0' }
`,
);
