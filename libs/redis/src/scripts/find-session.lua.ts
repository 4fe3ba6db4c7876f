import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';

/**
 * KEYS: index, the live run
 * ARGV: prefix, times, liveId
 * Looked up: its worker
 * Returns: state, liveId, workerId, incarnation, address, epoch | nothing
 */
export const FIND_SESSION = luaScript(
  'find-session',
  CONTROL_PLANE_LUA,
  `
local run = current(ARGV[6])
if not run then return {} end
return { run.state, grant(run) }
`,
);
