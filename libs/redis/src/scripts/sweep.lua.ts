import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';

/**
 * KEYS: workers, ready, reserved, epoch
 * ARGV: prefix, limit, burialMs
 * Looked up: reservations that ran out, workers that are silent for `burialMs` after their lease, all their live runs
 * Returns: how many reservations were released, at most `limit`: call again while it is that many
 */
export const SWEEP = luaScript(
  'sweep',
  CONTROL_PLANE_LUA,
  `
local swept = sweep_reservations(tonumber(ARGV[2]))
for _, id in ipairs(redis.call('SMEMBERS', WORKERS)) do
  if redis.call('HGET', worker_key(id), 'dl') + ARGV[3] <= now then bury(id) end
end
return { integer(swept) }
`,
);
