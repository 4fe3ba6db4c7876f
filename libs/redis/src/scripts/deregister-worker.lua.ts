import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';

/**
 * KEYS: index, the worker, its live runs
 * ARGV: prefix, times, workerId, incarnation
 * Looked up: its live runs and their scopes; what waits for it
 * Returns: 'gone' | 'other' (another incarnation is on record, or none)
 */
export const DEREGISTER_WORKER = luaScript(
  'deregister-worker',
  CONTROL_PLANE_LUA,
  `
if redis.call('HGET', KEYS[6], 'inc') ~= ARGV[7] then return { 'other' } end
bury(ARGV[6])
return { 'gone' }
`,
);
