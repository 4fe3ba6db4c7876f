import { CONTROL_KEYS_LUA } from '../keys.js';

/**
 * What all scripts of the control plane begin with: KEYS[1..5] are workers, ready, reserved, orphans, epoch; ARGV[1] is
 * the key prefix, ARGV[2..5] are reservationMs, orphanMs, endedMs, commandMs. `now` is Redis's own clock in milliseconds:
 * no pod's clock decides anything. Epochs are made of the same clock in microseconds, so that they rise across a flush
 * even within one millisecond; both are whole numbers below 2^53.
 */
const PRELUDE_LUA = `
local WORKERS, READY, RESERVED, ORPHANS, EPOCH = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local RESERVATION_MS, ORPHAN_MS, ENDED_MS, COMMAND_MS =
  tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local now_us = time[1] * 1000000 + time[2]

local function integer(number) return string.format('%.0f', number) end

local function next_epoch()
  local epoch = integer(math.max(tonumber(redis.call('GET', EPOCH) or 0) + 1, now_us))
  redis.call('SET', EPOCH, epoch)
  return epoch
end
`;

/**
 * Workers and what counts against them. 'used' is changed in 'count' and 'uncount' alone, each time together with the
 * set that it is the sum of and only when that changed: it can't drift, however often a call is repeated.
 */
const WORKERS_LUA = `
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

local function count(live_id, worker, cost)
  redis.call('HDEL', commands_key(worker), live_id)
  if redis.call('SADD', runs_key(worker), live_id) == 1 then
    redis.call('HINCRBY', worker_key(worker), 'used', cost)
    rank(worker)
  end
end

local function uncount(live_id, worker, cost)
  if redis.call('SREM', runs_key(worker), live_id) == 1 then
    redis.call('HDEL', commands_key(worker), live_id)
    redis.call('HINCRBY', worker_key(worker), 'used', '-' .. cost)
    rank(worker)
  end
end
`;

/** Live runs. What time has done to one is done when a script looks at it, as of the moment when it was due. */
const RUNS_LUA = `
local function read_run(live_id)
  local s = redis.call('HMGET', run_key(live_id), 'w', 'inc', 'addr', 'ep', 'st', 'b', 'scope', 't', 'c')
  if not s[1] then return nil end
  return { id = live_id, worker = s[1], incarnation = s[2], address = s[3], epoch = s[4], state = s[5],
    begun = s[6] == '1', scope = s[7], tenant = s[8], cost = s[9] }
end

local function grant(run) return run.id, run.worker, run.incarnation, run.address, run.epoch end

local function forget(run)
  uncount(run.id, run.worker, run.cost)
  redis.call('DEL', run_key(run.id))
  redis.call('ZREM', RESERVED, run.id)
  redis.call('ZREM', ORPHANS, run.id)
  if redis.call('GET', scope_key(run.scope)) == run.id then redis.call('DEL', scope_key(run.scope)) end
end

-- Over for good, unless an owner with at least that epoch still runs it. What never began leaves no trace.
local function end_run(run, claimable_from)
  forget(run)
  if run.begun then redis.call('SET', ended_key(run.id), integer(claimable_from), 'PX', integer(ENDED_MS)) end
end

-- The run's worker has it no more: orphaned, or forgotten when it never began.
local function leave(run, since)
  if not run.begun then return forget(run) end
  uncount(run.id, run.worker, run.cost)
  redis.call('HSET', run_key(run.id), 'st', 'orphaned')
  redis.call('ZREM', RESERVED, run.id)
  redis.call('ZADD', ORPHANS, integer(since + ORPHAN_MS), run.id)
  run.state = 'orphaned'
end

-- When its worker ceased to have it; nil while it has it, and for orphans.
local function lost_at(run)
  if run.state == 'orphaned' then return nil end
  local lost = tonumber(redis.call('HGET', worker_key(run.worker), 'dl') or now)
  if run.state == 'reserved' then
    lost = math.min(lost, tonumber(redis.call('ZSCORE', RESERVED, run.id) or now))
  end
  return lost <= now and lost or nil
end

-- The run as it is now; nil for what has ended or was never begun.
local function current(live_id)
  local run = read_run(live_id)
  if not run then return nil end
  local lost = lost_at(run)
  if lost then leave(run, lost) end
  if run.state ~= 'orphaned' then return not lost and run or nil end
  if tonumber(redis.call('ZSCORE', ORPHANS, live_id) or now) > now then return run end
  end_run(run, tonumber(run.epoch))
  return nil
end

local function current_of_scope(scope)
  local live_id = redis.call('GET', scope_key(scope))
  return live_id and current(live_id) or nil
end

-- Looks at up to limit reservations that ran out; returns how many.
local function sweep_reservations(limit)
  local live_ids = redis.call('ZRANGEBYSCORE', RESERVED, '-inf', integer(now), 'LIMIT', 0, limit)
  for _, live_id in ipairs(live_ids) do
    current(live_id)
    redis.call('ZREM', RESERVED, live_id)
  end
  return #live_ids
end

-- Writes a run down on a worker that is known to hold a lease; what stood there before is taken off first.
local function write_run(run)
  local before = read_run(run.id)
  if before then forget(before) end
  redis.call('DEL', ended_key(run.id))
  redis.call('HSET', run_key(run.id), 'w', run.worker, 'inc', run.incarnation, 'addr', run.address, 'ep', run.epoch,
    'st', run.state, 'b', run.begun and 1 or 0, 'scope', run.scope, 't', run.tenant, 'c', run.cost)
  if run.state == 'reserved' then redis.call('ZADD', RESERVED, integer(now + RESERVATION_MS), run.id) end
  redis.call('SET', scope_key(run.scope), run.id)
  count(run.id, run.worker, run.cost)
end

-- Takes up to limit live runs from a worker; returns how many.
local function abandon(id, since, limit)
  local taken = 0
  for _, live_id in ipairs(redis.call('SMEMBERS', runs_key(id))) do
    if taken == limit then break end
    local run = read_run(live_id)
    leave(run, math.min(since, lost_at(run) or since))
    taken = taken + 1
  end
  return taken
end

-- Once a lease has run out, the live runs under it are orphaned for good. True when it has.
local function settle_lease(id)
  local ends = tonumber(redis.call('HGET', worker_key(id), 'dl'))
  if ends > now then return false end
  abandon(id, ends, -1)
  return true
end

-- Removes a worker; its live runs are orphaned.
local function bury(id)
  abandon(id, now, -1)
  redis.call('DEL', worker_key(id), runs_key(id), commands_key(id))
  redis.call('SREM', WORKERS, id)
  redis.call('ZREM', READY, id)
end
`;

export const CONTROL_PLANE_LUA = [CONTROL_KEYS_LUA, PRELUDE_LUA, WORKERS_LUA, RUNS_LUA].join('\n');
