import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';

const WORKER_FIELDS_LUA = `
local function append(reply, id, w)
  local alive = tonumber(w[9]) > now and '1' or '0'
  for _, field in ipairs({ id, w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8], alive }) do
    reply[#reply + 1] = field
  end
end
local function read(id)
  return redis.call('HMGET', worker_key(id), 'inc', 'addr', 'st', 'cap', 'used', 'load', 'zone', 'ver', 'dl')
end
`;

/** Fields that a worker takes in the replies of both: id, inc, addr, st, cap, used, load, zone, ver, '1' when alive. */
export const WORKER_FIELDS = 10;

/**
 * KEYS: index
 * ARGV: prefix, times, limit
 * Looked up: the workers listed in `ready`, and those are taken off the list whose lease ran out
 * Returns: WORKER_FIELDS for each of up to `limit` workers, by rank
 */
export const LIST_CANDIDATES = luaScript(
  'list-candidates',
  CONTROL_PLANE_LUA,
  WORKER_FIELDS_LUA,
  `
local limit = tonumber(ARGV[6])
local reply, found, first, lapsed = {}, 0, 0, {}
while found < limit do
  local ids = redis.call('ZRANGE', READY, first, first + limit - 1)
  for _, id in ipairs(ids) do
    local w = read(id)
    if tonumber(w[9] or 0) <= now then
      lapsed[#lapsed + 1] = id
    elseif found < limit then
      append(reply, id, w)
      found = found + 1
    end
  end
  if #ids < limit then break end
  first = first + limit
end
for _, id in ipairs(lapsed) do redis.call('ZREM', READY, id) end
return reply
`,
);

/**
 * KEYS: index
 * ARGV: prefix, times
 * Looked up: every worker
 * Returns: WORKER_FIELDS for each, in no order
 */
export const LIST_WORKERS = luaScript(
  'list-workers',
  CONTROL_PLANE_LUA,
  WORKER_FIELDS_LUA,
  `
local reply = {}
for _, id in ipairs(redis.call('SMEMBERS', WORKERS)) do append(reply, id, read(id)) end
return reply
`,
);
