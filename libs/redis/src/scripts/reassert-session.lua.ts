import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';

/**
 * KEYS: workers, ready, reserved, epoch, the live run, its scope, the worker, its live runs
 * ARGV: prefix, liveId, scope, tenantId, cost, workerId, incarnation, epoch
 * Looked up: the live run that holds the scope, its worker
 * Returns: 'active' | 'superseded' | 'unregistered'
 */
export const REASSERT_SESSION = luaScript(
  'reassert-session',
  CONTROL_PLANE_LUA,
  `
local live_id, epoch = ARGV[2], tonumber(ARGV[8])
local worker = redis.call('HMGET', KEYS[7], 'inc', 'dl', 'addr')
if worker[1] ~= ARGV[7] or tonumber(worker[2]) <= now then return { 'unregistered' } end
for _, id in ipairs({ live_id, redis.call('GET', KEYS[6]) or nil }) do
  local run = counting(id)
  if run and tonumber(run.epoch) > epoch then return { 'superseded' } end
  if run then forget(id) end
end
if tonumber(redis.call('GET', EPOCH) or 0) < epoch then redis.call('SET', EPOCH, ARGV[8]) end
write_run(live_id, ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], worker[3], ARGV[8], 'active')
return { 'active' }
`,
);
