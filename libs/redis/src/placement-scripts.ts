import { PLACEMENT_TIMES, type PlacementTimes } from '@parley/placement';
import type { ControlKeys } from './keys.js';
import type { ControlRedis } from './control-redis.js';
import type { LuaScript } from './lua-script.js';

/** Runs the scripts of the placement ports: the times they share are put in front of their ARGV. */
export class PlacementScripts {
  readonly #redis: ControlRedis;
  readonly #times: readonly number[];

  constructor(redis: ControlRedis, times: Partial<PlacementTimes>) {
    const { reservationMs, orphanMs, endedMs, commandMs } = { ...PLACEMENT_TIMES, ...times };
    this.#redis = redis;
    this.#times = [reservationMs, orphanMs, endedMs, commandMs];
  }

  get keys(): ControlKeys {
    return this.#redis.keys;
  }

  run(
    script: LuaScript,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<readonly string[]> {
    return this.#redis.run(script, keys, [...this.#times, ...args]);
  }
}
