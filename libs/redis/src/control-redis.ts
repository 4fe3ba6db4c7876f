import type { Cluster, Redis } from 'ioredis';
import { ParleyError, withDeadline, type CancelTimer, type Clock, type Log } from '@parley/kernel';
import { controlPlaneUnavailable } from '@parley/placement';
import { ControlKeys } from './keys.js';
import type { LuaScript } from './lua-script.js';
import { isNoScript, toControlPlaneError } from './redis-error.js';
import { connectControlClient } from './connect-control-client.js';
import type { RedisTopology } from './redis-topology.js';

export interface ControlRedisOptions {
  /** `redis://` or `rediss://`, with user, password and database number as needed. */
  readonly url: string;
  /** Sentinel or Cluster; left out when `url` is of the one server. */
  readonly topology?: RedisTopology | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Names the hash tag of the control keys; one cell is one Redis shard. */
  readonly cell?: string;
  /** How long a script may take; default 250. An emulated Redis that has much to do needs more. */
  readonly commandTimeoutMs?: number;
}

const COMMAND_TIMEOUT_MS = 250;
/** Before connecting anew where ioredis has given up. */
const REVIVE_AFTER_MS = 200;

/**
 * The connection to the control plane's Redis, and the only thing that runs scripts on it.
 *
 * 1. A script answers or rejects within `commandTimeoutMs`; without a connection it rejects at once. A script that
 *    timed out may have run.
 * 2. Whatever it rejects with is a `ParleyError`: `control_plane_unavailable`, or `internal` for a faulty script.
 * 3. The connection comes back by itself until `close`, which its opener calls.
 */
export class ControlRedis {
  readonly keys: ControlKeys;
  readonly #client: Redis | Cluster;
  readonly #clock: Clock;
  #away = false;
  #closed = false;
  #cancelRevival: CancelTimer = () => undefined;

  constructor(options: ControlRedisOptions) {
    const { url, topology, clock, random, log, cell } = options;
    const { commandTimeoutMs = COMMAND_TIMEOUT_MS } = options;
    this.keys = new ControlKeys(cell);
    this.#clock = clock;
    this.#client = connectControlClient(url, topology, commandTimeoutMs, random);
    this.#client.on('error', (error: Error) => {
      if (!this.#away) log.warn('redis is away', { error });
      this.#away = true;
    });
    this.#client.on('ready', () => {
      if (this.#away) log.info('redis is back');
      this.#away = false;
    });
    this.#client.on('end', () => this.#revive());
  }

  /** Whether commands would be sent right now. */
  get connected(): boolean {
    return this.#client.status === 'ready';
  }

  /** Resolves once connected; rejects with `control_plane_unavailable` after `deadlineMs`. */
  async whenConnected(deadlineMs: number): Promise<void> {
    if (this.connected) return;
    let announce: () => void = () => undefined;
    const connected = new Promise<void>((resolve) => {
      announce = resolve;
    });
    this.#client.once('ready', announce);
    try {
      await withDeadline(this.#clock, deadlineMs, connected, () =>
        controlPlaneUnavailable(new Error('not connected in time')),
      );
    } finally {
      this.#client.off('ready', announce);
    }
  }

  /** Runs a script of the control plane; the index keys and the key prefix are put in front. */
  run(
    script: LuaScript,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<readonly string[]> {
    return this.evaluate(script, [...this.keys.index, ...keys], [this.keys.prefix, ...args]);
  }

  /** Runs a script on nothing but the keys it is given, which are in one slot. */
  async evaluate(
    script: LuaScript,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<readonly string[]> {
    const reply = await this.#call(script, keys.length, [...keys, ...args]);
    if (Array.isArray(reply) && reply.every((part): part is string => typeof part === 'string')) return reply;
    throw new ParleyError('internal', 'Something went wrong on our side.', {
      cause: new TypeError(`script ${script.name} answered something else than strings`),
    });
  }

  close(): void {
    this.#closed = true;
    this.#cancelRevival();
    this.#client.disconnect();
  }

  /** ioredis ends for good when a sentinel tells of a new master while it is connecting to the old one. */
  #revive(): void {
    if (this.#closed) return;
    this.#cancelRevival();
    this.#cancelRevival = this.#clock.after(REVIVE_AFTER_MS, () => {
      this.#client.connect().catch(() => this.#revive());
    });
  }

  async #call(script: LuaScript, keys: number, rest: (string | number)[]): Promise<unknown> {
    try {
      return await this.#client.evalsha(script.sha1, keys, ...rest);
    } catch (error) {
      if (!isNoScript(error)) throw toControlPlaneError(error);
    }
    try {
      return await this.#client.eval(script.source, keys, ...rest);
    } catch (error) {
      throw toControlPlaneError(error);
    }
  }
}
