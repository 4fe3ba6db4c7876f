import { luaScript } from '../lua-script.js';
import { CONTROL_PLANE_LUA } from './control-plane.lua.js';

/** Reservations that one placement sweeps at most: bounds the time that it keeps Redis. */
const SWEPT_IN_PASSING = 64;

/**
 * KEYS: workers, ready, reserved, epoch, the live run, its scope, then per candidate the worker and its live runs
 * ARGV: prefix, liveId, scope, tenantId, cost, reservationMs, then the candidates' ids
 * Looked up: the live run that holds the scope, its worker; reservations that ran out
 * Returns: 'placed' | 'existing', then liveId, workerId, incarnation, address, epoch | 'full'
 */
export const PLACE_SESSION = luaScript(
  'place-session',
  CONTROL_PLANE_LUA,
  `
local live_id, scope, cost = ARGV[2], ARGV[3], tonumber(ARGV[5])
local own = counting(live_id)
if own then
  local kind = own.state == 'reserved' and 'placed' or 'existing'
  return { kind, live_id, own.worker, own.incarnation, own.address, own.epoch }
end
local holder = redis.call('GET', KEYS[6])
local other = holder and counting(holder)
if other then return { 'existing', holder, other.worker, other.incarnation, other.address, other.epoch } end
sweep_reservations(${SWEPT_IN_PASSING})

local best, best_fill
for i = 7, #KEYS, 2 do
  local w = redis.call('HMGET', KEYS[i], 'st', 'dl', 'used', 'cap', 'load', 'inc', 'addr')
  if w[1] == 'ready' and tonumber(w[2]) > now then
    local used, cap = w[3] + cost, tonumber(w[4])
    local fill = math.max(used / cap, tonumber(w[5]))
    if used <= cap and (not best or fill < best_fill) then
      best, best_fill = { id = ARGV[7 + (i - 7) / 2], incarnation = w[6], address = w[7] }, fill
    end
  end
end
if not best then return { 'full' } end

local epoch = integer(math.max(tonumber(redis.call('GET', EPOCH) or 0) + 1, now_us))
redis.call('SET', EPOCH, epoch)
redis.call('ZADD', RESERVED, integer(now + ARGV[6]), live_id)
write_run(live_id, scope, ARGV[4], ARGV[5], best.id, best.incarnation, best.address, epoch, 'reserved')
return { 'placed', live_id, best.id, best.incarnation, best.address, epoch }
`,
);
