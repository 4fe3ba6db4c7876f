import { luaScript } from '../lua-script.js';

/**
 * A lower epoch than the stored one is a stale owner's.
 *
 * KEYS: the journal
 * ARGV: epoch, journalMs, then names and values of the entry's fields
 * Returns: 'saved' | 'stale'
 */
export const SAVE_JOURNAL = luaScript(
  'save-journal',
  `
local stored = redis.call('HGET', KEYS[1], 'epoch')
if stored and tonumber(stored) > tonumber(ARGV[1]) then return { 'stale' } end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], unpack(ARGV, 3))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return { 'saved' }
`,
);

/**
 * KEYS: the journal
 * Returns: names and values of its fields, the epoch among them | nothing
 */
export const LOAD_JOURNAL = luaScript('load-journal', "return redis.call('HGETALL', KEYS[1])");

/**
 * KEYS: the journal
 * Returns: nothing
 */
export const FORGET_JOURNAL = luaScript('forget-journal', "redis.call('DEL', KEYS[1])\nreturn {}");
