import { CONTROL_KEYS_LUA } from '../keys.js';

/**
 * What all scripts of the control plane begin with: KEYS[1..4] are workers, ready, reserved, epoch, ARGV[1] is the key
 * prefix. `now` is Redis's own clock in milliseconds: no pod's clock decides anything. Epochs are made of the same clock
 * in microseconds, so that they rise across a flush even within one millisecond; both are whole numbers below 2^53.
 */
export const CONTROL_PLANE_LUA = `
${CONTROL_KEYS_LUA}
local WORKERS, READY, RESERVED, EPOCH = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local now_us = time[1] * 1000000 + time[2]

local function integer(number) return string.format('%.0f', number) end

-- Lists the worker among the candidates, or takes it off the list.
local function rank(id)
  local w = redis.call('HMGET', worker_key(id), 'st', 'used', 'cap', 'load')
  local used, cap = tonumber(w[2] or 0), tonumber(w[3] or 0)
  if w[1] == 'ready' and used < cap then
    redis.call('ZADD', READY, string.format('%.17g', math.max(used / cap, tonumber(w[4]))), id)
  else
    redis.call('ZREM', READY, id)
  end
end

-- Ends a live run: its worker gets the cost back, once.
local function forget(live_id)
  local s = redis.call('HMGET', run_key(live_id), 'w', 'c', 'scope')
  if not s[1] then return end
  redis.call('DEL', run_key(live_id))
  redis.call('ZREM', RESERVED, live_id)
  if redis.call('GET', scope_key(s[3])) == live_id then redis.call('DEL', scope_key(s[3])) end
  if redis.call('SREM', runs_key(s[1]), live_id) == 1 then
    redis.call('HINCRBY', worker_key(s[1]), 'used', '-' .. s[2])
    rank(s[1])
  end
end

local function ran_out(live_id)
  local deadline = redis.call('ZSCORE', RESERVED, live_id)
  return deadline and tonumber(deadline) <= now
end

-- The live run if it still counts: its worker's incarnation holds a lease, its reservation has not run out.
-- One that does not count is cleared away.
local function counting(live_id)
  local s = redis.call('HMGET', run_key(live_id), 'w', 'inc', 'addr', 'ep', 'st')
  if not s[1] then return nil end
  local w = redis.call('HMGET', worker_key(s[1]), 'inc', 'dl')
  if w[1] == s[2] and tonumber(w[2]) > now and not ran_out(live_id) then
    return { worker = s[1], incarnation = s[2], address = s[3], epoch = s[4], state = s[5] }
  end
  forget(live_id)
  return nil
end

-- Releases up to limit reservations that ran out; returns how many.
local function sweep_reservations(limit)
  local live_ids = redis.call('ZRANGEBYSCORE', RESERVED, '-inf', integer(now), 'LIMIT', 0, limit)
  for _, live_id in ipairs(live_ids) do forget(live_id) end
  return #live_ids
end

-- Writes a live run down on a worker that is known to hold a lease.
local function write_run(live_id, scope, tenant, cost, worker, incarnation, address, epoch, state)
  redis.call('HSET', run_key(live_id), 'w', worker, 'inc', incarnation, 'addr', address, 'ep', epoch, 'st', state,
    'scope', scope, 't', tenant, 'c', cost)
  redis.call('SET', scope_key(scope), live_id)
  redis.call('SADD', runs_key(worker), live_id)
  redis.call('HINCRBY', worker_key(worker), 'used', cost)
  rank(worker)
end

-- Removes a worker and every live run on it.
local function bury(id)
  for _, live_id in ipairs(redis.call('SMEMBERS', runs_key(id))) do forget(live_id) end
  redis.call('DEL', worker_key(id), runs_key(id))
  redis.call('SREM', WORKERS, id)
  redis.call('ZREM', READY, id)
end
`;
