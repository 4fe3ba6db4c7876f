/**
 * Every key of the control plane, and the only place that builds one.
 *
 * | key | type | content |
 * |---|---|---|
 * | `rt:{c0}:workers` | set | ids of all workers on record |
 * | `rt:{c0}:ready` | sorted set | workers that take live runs, by rank (lower is better) |
 * | `rt:{c0}:reserved` | sorted set | liveId → Redis milliseconds when its reservation runs out |
 * | `rt:{c0}:epoch` | string | the last epoch granted |
 * | `rt:{c0}:w:<workerId>` | hash | inc, addr, st, cap, used, load, dl (lease ends, Redis milliseconds) |
 * | `rt:{c0}:ws:<workerId>` | set | liveIds that count against the worker |
 * | `rt:{c0}:s:<liveId>` | hash | w, inc, addr, ep, st, scope, t (tenant), c (cost) |
 * | `rt:{c0}:scope:<scope>` | string | the liveId of a session's live run |
 *
 * The hash tag names the cell, so that one cell is one slot and a script may follow a scope or a live run to keys that
 * its caller can't know. No key has a time to live: what ends is deleted, what is abandoned is swept.
 */
export class ControlKeys {
  /** What the scripts build dynamic keys from. */
  readonly prefix: string;

  constructor(cell = 'c0') {
    this.prefix = `rt:{${cell}}:`;
  }

  /** The first four KEYS of every script, in this order. */
  get index(): readonly string[] {
    return ['workers', 'ready', 'reserved', 'epoch'].map((name) => this.prefix + name);
  }

  worker(workerId: string): string {
    return `${this.prefix}w:${workerId}`;
  }

  workerRuns(workerId: string): string {
    return `${this.prefix}ws:${workerId}`;
  }

  liveRun(liveId: string): string {
    return `${this.prefix}s:${liveId}`;
  }

  scope(scope: string): string {
    return `${this.prefix}scope:${scope}`;
  }
}

/** The same key builders for keys that a script finds on its way. ARGV[1] is `ControlKeys.prefix`. */
export const CONTROL_KEYS_LUA = `
local prefix = ARGV[1]
local function worker_key(id) return prefix .. 'w:' .. id end
local function runs_key(id) return prefix .. 'ws:' .. id end
local function run_key(id) return prefix .. 's:' .. id end
local function scope_key(scope) return prefix .. 'scope:' .. scope end
`;
