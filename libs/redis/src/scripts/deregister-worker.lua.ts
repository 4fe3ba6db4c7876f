import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';

/**
 * KEYS: workers, ready, reserved, epoch, the worker, its live runs
 * ARGV: prefix, workerId, incarnation
 * Looked up: its live runs and their scopes
 * Returns: 'gone' | 'other' (another incarnation is on record, or none)
 */
export const DEREGISTER_WORKER = luaScript(
  'deregister-worker',
  CONTROL_PLANE_LUA,
  `
if redis.call('HGET', KEYS[5], 'inc') ~= ARGV[3] then return { 'other' } end
bury(ARGV[2])
return { 'gone' }
`,
);
