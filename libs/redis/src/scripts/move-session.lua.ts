import { luaScript } from '../lua-script.js';
import { CHOOSE_WORKER_LUA, SWEPT_IN_PASSING } from './choose-worker.lua.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';
import { WORKER_COMMANDS_LUA } from './worker-commands.lua.js';

/**
 * Asked again after a timed-out call, it answers 'stale' with the grant that the first one made.
 *
 * KEYS: index, the live run, then per candidate the worker and its live runs
 * ARGV: prefix, times, liveId, epoch, then the candidates' ids
 * Looked up: its worker and what waits for that; its scope; reservations that ran out
 * Returns: 'moved' | 'stale', then liveId, workerId, incarnation, address, epoch | 'full' | 'gone'
 */
export const MOVE_SESSION = luaScript(
  'move-session',
  CONTROL_PLANE_LUA,
  CHOOSE_WORKER_LUA,
  WORKER_COMMANDS_LUA,
  `
local run = current(ARGV[6])
if not run then return { 'gone' } end
if run.epoch ~= ARGV[7] then return { 'stale', grant(run) } end
local owner = run.state ~= 'orphaned' and run.worker or nil
sweep_reservations(${SWEPT_IN_PASSING})
local worker = choose(7, 8, tonumber(run.cost), owner)
if not worker then return { 'full' } end
reserve(run, worker)
if owner then tell(owner, 'revoked', run.id) end
return { 'moved', grant(run) }
`,
);
