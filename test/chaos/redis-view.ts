import { Redis } from 'ioredis';
import type { Observation } from './history.js';

/**
 * KEYS: the set of workers. ARGV: the key prefix, then ids of live runs. All in one step, so that sums can be compared.
 * Returns JSON: {workers: [[id, used, cap, sum]], runs: [[liveId, worker, inc, epoch, state, 1 if its lease runs]]}
 */
const LOOK = `
local prefix = ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local workers, runs = {}, {}
for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local w = redis.call('HMGET', prefix .. 'w:' .. id, 'used', 'cap')
  local sum = 0
  for _, live in ipairs(redis.call('SMEMBERS', prefix .. 'ws:' .. id)) do
    sum = sum + tonumber(redis.call('HGET', prefix .. 's:' .. live, 'c') or 0)
  end
  table.insert(workers, { id, w[1] or '0', w[2] or '0', tostring(sum) })
end
for i = 2, #ARGV do
  local s = redis.call('HMGET', prefix .. 's:' .. ARGV[i], 'w', 'inc', 'ep', 'st')
  if s[1] then
    local w = redis.call('HMGET', prefix .. 'w:' .. s[1], 'inc', 'dl')
    local alive = w[1] == s[2] and tonumber(w[2] or 0) > now and s[4] ~= 'orphaned'
    table.insert(runs, { ARGV[i], s[1], s[2], s[3], s[4], alive and '1' or '0' })
  else
    table.insert(runs, { ARGV[i] })
  end
end
return cjson.encode({ workers = workers, runs = runs })
`;

const PREFIX = 'rt:{c0}:';
const TIMEOUT_MS = 1_000;

/** The control plane as it stands in Redis, seen past all proxies. */
export class RedisView {
  readonly #urlOf: () => string;
  #client: Redis | undefined;
  #url = '';

  /** `urlOf`: where Redis is now; it may be another place after a restart. */
  constructor(urlOf: () => string) {
    this.#urlOf = urlOf;
  }

  /** Undefined while Redis is away. */
  async look(liveIds: readonly string[]): Promise<readonly Observation[] | undefined> {
    let answer: unknown;
    try {
      answer = await this.#connected().eval(LOOK, 1, `${PREFIX}workers`, PREFIX, ...liveIds);
    } catch {
      return undefined;
    }
    const { workers, runs } = JSON.parse(String(answer)) as Seen;
    return [...listOf(workers).map(slots), ...listOf(runs).map(ownership)];
  }

  async flush(): Promise<void> {
    await this.#connected().flushall();
  }

  close(): void {
    this.#client?.disconnect();
    this.#client = undefined;
  }

  #connected(): Redis {
    const url = this.#urlOf();
    if (this.#client && url === this.#url) return this.#client;
    this.#client?.disconnect();
    this.#url = url;
    this.#client = new Redis(url, {
      commandTimeout: TIMEOUT_MS,
      connectTimeout: TIMEOUT_MS,
      maxRetriesPerRequest: 0,
      retryStrategy: () => 200,
    });
    this.#client.on('error', () => undefined);
    return this.#client;
  }
}

interface Seen {
  readonly workers: unknown;
  readonly runs: unknown;
}

/** An empty table is an object in Lua's JSON. */
function listOf(value: unknown): readonly (readonly string[])[] {
  return Array.isArray(value) ? (value as string[][]) : [];
}

function slots([workerId = '', used, capacity, sum]: readonly string[]): Observation {
  return { op: 'slots', workerId, used: Number(used), capacity: Number(capacity), sum: Number(sum) };
}

function ownership([
  liveId = '',
  workerId,
  incarnation = '',
  epoch,
  state = '',
  alive,
]: readonly string[]): Observation {
  if (workerId === undefined) return { op: 'unowned', liveId };
  return { op: 'owner', liveId, workerId, incarnation, epoch: Number(epoch), state, alive: alive === '1' };
}
