/**
 * Every key of the control plane, and the only place that builds one.
 *
 * | key | type | content |
 * |---|---|---|
 * | `rt:{c0}:workers` | set | ids of all workers on record |
 * | `rt:{c0}:ready` | sorted set | workers that take live runs, by rank (lower is better) |
 * | `rt:{c0}:reserved` | sorted set | liveId → Redis milliseconds when its reservation runs out |
 * | `rt:{c0}:orphans` | sorted set | liveId → Redis milliseconds when it ends if nobody takes it |
 * | `rt:{c0}:epoch` | string | the last epoch granted, or number given to a command |
 * | `rt:{c0}:w:<workerId>` | hash | inc, addr, zone, ver, st, cap, used, load, dl (lease ends, Redis milliseconds) |
 * | `rt:{c0}:ws:<workerId>` | set | liveIds that count against the worker |
 * | `rt:{c0}:cmd:<workerId>` | hash | liveId → `revoked` or `wanted`, its number, when it expires, by spaces |
 * | `rt:{c0}:s:<liveId>` | hash | w, inc, addr, ep, st, b (1 once it was active), scope, t (tenant), c (cost) |
 * | `rt:{c0}:ended:<liveId>` | string | the lowest epoch under which an owner may claim the ended run again |
 * | `rt:{c0}:scope:<scope>` | string | the liveId of a session's live run |
 *
 * The hash tag names the cell, so that one cell is one slot and a script may follow a scope or a live run to keys that
 * its caller can't know. Only `cmd` and `ended` have a time to live: everything else that ends is deleted, and what is
 * abandoned is swept.
 */
export class ControlKeys {
  /** What the scripts build dynamic keys from. */
  readonly prefix: string;

  constructor(cell = 'c0') {
    this.prefix = `rt:{${cell}}:`;
  }

  /** The first five KEYS of every script, in this order. */
  get index(): readonly string[] {
    return ['workers', 'ready', 'reserved', 'orphans', 'epoch'].map((name) => this.prefix + name);
  }

  worker(workerId: string): string {
    return `${this.prefix}w:${workerId}`;
  }

  workerRuns(workerId: string): string {
    return `${this.prefix}ws:${workerId}`;
  }

  commands(workerId: string): string {
    return `${this.prefix}cmd:${workerId}`;
  }

  liveRun(liveId: string): string {
    return `${this.prefix}s:${liveId}`;
  }

  ended(liveId: string): string {
    return `${this.prefix}ended:${liveId}`;
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
local function commands_key(id) return prefix .. 'cmd:' .. id end
local function run_key(id) return prefix .. 's:' .. id end
local function ended_key(id) return prefix .. 'ended:' .. id end
local function scope_key(scope) return prefix .. 'scope:' .. scope end
`;

/** A live run's journal: tagged by the run, so that journals spread over a cluster. */
export const journalKey = (liveId: string): string => `sd:{${liveId}}:meta`;
