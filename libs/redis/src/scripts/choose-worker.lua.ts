/** For scripts whose last KEYS are, per candidate, the worker and its live runs, and whose last ARGV are their ids. */
export const CHOOSE_WORKER_LUA = `
-- The candidate that will be the least loaded with that cost added, or nil when none has room.
local function choose(first_key, first_arg, cost, excluded)
  local best, best_fill
  for i = first_key, #KEYS, 2 do
    local id = ARGV[first_arg + (i - first_key) / 2]
    local w = redis.call('HMGET', KEYS[i], 'st', 'dl', 'used', 'cap', 'load', 'inc', 'addr')
    if w[1] == 'ready' and tonumber(w[2]) > now and id ~= excluded then
      local used, cap = w[3] + cost, tonumber(w[4])
      local fill = math.max(used / cap, tonumber(w[5]))
      if used <= cap and (not best or fill < best_fill) then
        best, best_fill = { id = id, incarnation = w[6], address = w[7] }, fill
      end
    end
  end
  return best
end

-- Grants the run to the worker, under the next epoch.
local function reserve(run, worker)
  run.worker, run.incarnation, run.address = worker.id, worker.incarnation, worker.address
  run.epoch, run.state = next_epoch(), 'reserved'
  write_run(run)
end
`;

/** Reservations that one grant sweeps at most: bounds the time that it keeps Redis. */
export const SWEPT_IN_PASSING = 64;
