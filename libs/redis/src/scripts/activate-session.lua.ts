import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';

/**
 * KEYS: index, the live run
 * ARGV: prefix, times, liveId, epoch
 * Looked up: its worker
 * Returns: 'active' | 'stale'
 */
export const ACTIVATE_SESSION = luaScript(
  'activate-session',
  CONTROL_PLANE_LUA,
  `
local run = current(ARGV[6])
if not run or run.epoch ~= ARGV[7] or run.state == 'orphaned' then return { 'stale' } end
redis.call('HSET', KEYS[6], 'st', 'active', 'b', 1)
redis.call('ZREM', RESERVED, run.id)
return { 'active' }
`,
);
