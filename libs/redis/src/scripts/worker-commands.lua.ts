import { MAX_COMMANDS } from '@parley/placement';

/** For scripts that tell a worker something, or that are such a telling. */
export const WORKER_COMMANDS_LUA = `
-- Calls see(live_id, kind, number) for every command that waits for the worker; those that expired are removed.
local function each_command(worker, see)
  local key = commands_key(worker)
  local fields = redis.call('HGETALL', key)
  for i = 1, #fields, 2 do
    local kind, number, expires = string.match(fields[i + 1], '^(%a+) (%d+) (%d+)$')
    if tonumber(expires) <= now then
      redis.call('HDEL', key, fields[i])
    else
      see(fields[i], kind, number)
    end
  end
end

-- kind is 'revoked' or 'wanted'. When too many wait already, this one is not told.
local function tell(worker, kind, live_id)
  local key = commands_key(worker)
  if redis.call('EXISTS', worker_key(worker)) == 0 then return end
  if redis.call('HLEN', key) >= ${MAX_COMMANDS} then each_command(worker, function() end) end
  if redis.call('HLEN', key) >= ${MAX_COMMANDS} then return end
  redis.call('HSET', key, live_id, kind .. ' ' .. next_epoch() .. ' ' .. integer(now + COMMAND_MS))
  redis.call('PEXPIRE', key, integer(COMMAND_MS))
end
`;
