import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';
import { WORKER_COMMANDS_LUA } from './worker-commands.lua.js';

/**
 * KEYS: index, the live run, its end, its scope, the worker, its live runs
 * ARGV: prefix, times, liveId, scope, tenantId, cost, workerId, incarnation, epoch
 * Looked up: the live run that holds the scope; the workers of both and what waits for them
 * Returns: 'active' | 'superseded' | 'unregistered'
 */
export const REASSERT_SESSION = luaScript(
  'reassert-session',
  CONTROL_PLANE_LUA,
  WORKER_COMMANDS_LUA,
  `
local live_id, scope, worker, epoch = ARGV[6], ARGV[7], ARGV[10], tonumber(ARGV[12])
local w = redis.call('HMGET', KEYS[9], 'inc', 'dl', 'addr')
if w[1] ~= ARGV[11] or tonumber(w[2]) <= now then return { 'unregistered' } end

local own = current(live_id)
local rival = current_of_scope(scope)
if rival and rival.id == live_id then rival = nil end
if own and tonumber(own.epoch) > epoch then return { 'superseded' } end
if rival and tonumber(rival.epoch) > epoch then return { 'superseded' } end
if tonumber(redis.call('GET', KEYS[7]) or 0) > epoch then return { 'superseded' } end

if tonumber(redis.call('GET', EPOCH) or 0) < epoch then redis.call('SET', EPOCH, ARGV[12]) end
if rival then
  end_run(rival, rival.epoch + 1)
  if rival.state ~= 'orphaned' then tell(rival.worker, 'revoked', rival.id) end
end
write_run({ id = live_id, scope = scope, tenant = ARGV[8], cost = ARGV[9], worker = worker, incarnation = ARGV[11],
  address = w[3], epoch = ARGV[12], state = 'active', begun = true })
if own and own.state ~= 'orphaned' and own.worker ~= worker then tell(own.worker, 'revoked', live_id) end
return { 'active' }
`,
);
