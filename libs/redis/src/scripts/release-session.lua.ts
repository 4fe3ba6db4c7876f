import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';

/**
 * Nobody who ran it under this epoch or an earlier one may claim it again: a claim that was under way when the run ended
 * must not bring it back.
 *
 * KEYS: index, the live run
 * ARGV: prefix, times, liveId, epoch
 * Looked up: its worker, its scope, its end
 * Returns: 'released' | 'stale' | 'gone'
 */
export const RELEASE_SESSION = luaScript(
  'release-session',
  CONTROL_PLANE_LUA,
  `
local run = current(ARGV[6])
if not run then return { 'gone' } end
if run.epoch ~= ARGV[7] then return { 'stale' } end
end_run(run, run.epoch + 1)
return { 'released' }
`,
);
