import { luaScript, type ControlRedis } from '@parley/redis';

/**
 * The least that an atomic placement has to do: look at three workers, count, write the grant down.
 *
 * KEYS: epoch, the live run, three workers
 * ARGV: cost
 * Returns: the key of the worker, the epoch | nothing
 */
const PLACE = luaScript(
  'bare-place',
  `
local best, best_used
for i = 3, #KEYS do
  local w = redis.call('HMGET', KEYS[i], 'used', 'cap')
  local used = tonumber(w[1] or 0) + ARGV[1]
  if used <= tonumber(w[2]) and (not best or used < best_used) then best, best_used = KEYS[i], used end
end
if not best then return {} end
local epoch = tostring(redis.call('INCR', KEYS[1]))
redis.call('HSET', best, 'used', best_used)
redis.call('HSET', KEYS[2], 'w', best, 'ep', epoch, 'st', 'reserved')
return { best, epoch }
`,
);

/** KEYS: the worker. ARGV: its capacity. Returns: nothing */
const REGISTER = luaScript('bare-register', "redis.call('HSET', KEYS[1], 'cap', ARGV[1])\nreturn {}");

/** The yardstick: one script, no candidates to be found, no leases, no reservations that run out. */
export class BarePlacement {
  readonly #redis: ControlRedis;

  constructor(redis: ControlRedis) {
    this.#redis = redis;
  }

  async register(workerId: string, capacity: number): Promise<void> {
    await this.#redis.evaluate(REGISTER, [key(workerId)], [capacity]);
  }

  /** `workerIds`: three. */
  async place(liveId: string, workerIds: readonly string[], cost: number): Promise<void> {
    const keys = ['epoch', liveId, ...workerIds].map(key);
    const [worker] = await this.#redis.evaluate(PLACE, keys, [cost]);
    if (worker === undefined) throw new Error('no room');
  }
}

const key = (name: string): string => `bare:{b}:${name}`;
