import { luaScript } from '../lua-script.js';
import { CHOOSE_WORKER_LUA, SWEPT_IN_PASSING } from './choose-worker.lua.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';

/**
 * Asked again after a timed-out call, it finds the reservation that it made. An orphaned live run keeps its scope, tenant
 * and cost, whatever the call says.
 *
 * KEYS: index, the live run, its end, its scope, then per candidate the worker and its live runs
 * ARGV: prefix, times, liveId, scope, tenantId, cost, then the candidates' ids
 * Looked up: the live run that holds the scope, its worker; reservations that ran out
 * Returns: 'placed' | 'existing', then liveId, workerId, incarnation, address, epoch | 'full' | 'ended'
 */
export const PLACE_SESSION = luaScript(
  'place-session',
  CONTROL_PLANE_LUA,
  CHOOSE_WORKER_LUA,
  `
local live_id, scope = ARGV[6], ARGV[7]
local own = current(live_id)
if not own and redis.call('EXISTS', KEYS[7]) == 1 then return { 'ended' } end
local run = own or current_of_scope(scope)
if run and run.state ~= 'orphaned' then
  return { own and run.state == 'reserved' and 'placed' or 'existing', grant(run) }
end
sweep_reservations(${SWEPT_IN_PASSING})
run = run or { id = live_id, scope = scope, tenant = ARGV[8], cost = ARGV[9], begun = false }
local worker = choose(9, 10, tonumber(run.cost))
if not worker then return { 'full' } end
reserve(run, worker)
return { 'placed', grant(run) }
`,
);
