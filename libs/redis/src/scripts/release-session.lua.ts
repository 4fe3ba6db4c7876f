import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';

/**
 * KEYS: workers, ready, reserved, epoch, the live run
 * ARGV: prefix, liveId, epoch
 * Looked up: its worker, its scope
 * Returns: 'released' | 'stale' | 'gone'
 */
export const RELEASE_SESSION = luaScript(
  'release-session',
  CONTROL_PLANE_LUA,
  `
local run = counting(ARGV[2])
if not run then return { 'gone' } end
if run.epoch ~= ARGV[3] then return { 'stale' } end
forget(ARGV[2])
return { 'released' }
`,
);
