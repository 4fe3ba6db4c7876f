import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';

/**
 * KEYS: workers, ready, reserved, epoch, the live run
 * ARGV: prefix, liveId, epoch
 * Looked up: its worker
 * Returns: 'active' | 'stale'
 */
export const ACTIVATE_SESSION = luaScript(
  'activate-session',
  CONTROL_PLANE_LUA,
  `
local run = counting(ARGV[2])
if not run or run.epoch ~= ARGV[3] then return { 'stale' } end
redis.call('HSET', KEYS[5], 'st', 'active')
redis.call('ZREM', RESERVED, ARGV[2])
return { 'active' }
`,
);
