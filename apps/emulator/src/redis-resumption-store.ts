import { createHash } from 'node:crypto';
import type { ResumptionStore, SessionSnapshot } from '@parley/emulator';
import type { ControlRedis } from '@parley/redis';

/** KEYS[#KEYS] the snapshot; ARGV[2] its JSON, ARGV[3] its life in ms. Returns nothing. */
const PUT = script('put-snapshot', "redis.call('SET', KEYS[#KEYS], ARGV[2], 'PX', ARGV[3]) return {}");
/** KEYS[#KEYS] the snapshot. Returns its JSON, or nothing. */
const GET = script(
  'get-snapshot',
  "local json = redis.call('GET', KEYS[#KEYS]) if json then return {json} end return {}",
);

/** Snapshots in Redis, so that a session may be resumed at any emulator that uses the same. Redis forgets them. */
export class RedisResumptionStore implements ResumptionStore {
  readonly #redis: ControlRedis;

  /** `redis` stays its opener's to close. */
  constructor(redis: ControlRedis) {
    this.#redis = redis;
  }

  async put(id: string, snapshot: SessionSnapshot, ttlMs: number): Promise<void> {
    await this.#redis.run(PUT, [this.#key(id)], [JSON.stringify(snapshot), Math.ceil(ttlMs)]);
  }

  async get(id: string): Promise<SessionSnapshot | undefined> {
    const [json] = await this.#redis.run(GET, [this.#key(id)], []);
    // Only emulators write here, and only ids under their own MAC are asked for.
    return json === undefined ? undefined : (JSON.parse(json) as SessionSnapshot);
  }

  /** In the slot of the keys that every script names. */
  #key(id: string): string {
    return `${this.#redis.keys.prefix}emulated:${id}`;
  }
}

function script(name: string, source: string): { name: string; source: string; sha1: string } {
  return { name, source, sha1: createHash('sha1').update(source).digest('hex') };
}
