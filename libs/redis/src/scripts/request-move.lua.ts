import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';
import { WORKER_COMMANDS_LUA } from './worker-commands.lua.js';

/**
 * KEYS: index, the live run, the worker, what waits for it
 * ARGV: prefix, times, liveId, workerId
 * Returns: nothing
 */
export const REQUEST_MOVE = luaScript(
  'request-move',
  CONTROL_PLANE_LUA,
  WORKER_COMMANDS_LUA,
  `
local run = current(ARGV[6])
if run and run.worker == ARGV[7] and run.state ~= 'orphaned' then tell(ARGV[7], 'wanted', run.id) end
return {}
`,
);
