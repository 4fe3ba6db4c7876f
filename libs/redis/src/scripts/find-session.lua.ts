import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';

/**
 * KEYS: workers, ready, reserved, epoch, the live run
 * ARGV: prefix, liveId
 * Returns: state, liveId, workerId, incarnation, address, epoch | nothing
 */
export const FIND_SESSION = luaScript(
  'find-session',
  CONTROL_PLANE_LUA,
  `
local s = redis.call('HMGET', KEYS[5], 'st', 'w', 'inc', 'addr', 'ep')
if not s[1] or ran_out(ARGV[2]) then return {} end
return { s[1], ARGV[2], s[2], s[3], s[4], s[5] }
`,
);
