import { readFileSync } from 'node:fs';
import { connectLive } from '@parley/client';
import { ParleyError } from '@parley/kernel';
import type { Caller } from './caller.js';
import type { Cluster } from './cluster.js';
import type { History } from './history.js';
import { RedisView } from './redis-view.js';
import type { SeededRandom } from './seeded-random.js';
import { TappedLine } from './tapped-line.js';

const LOOK_EVERY_MS = 500;
const PROBE_DEADLINE_MS = 5_000;

/** Looks at the cluster from outside while callers talk, and notes what it sees. `close` ends it; idempotent. */
export class Observer {
  readonly redis: RedisView;
  readonly #cluster: Cluster;
  readonly #callers: () => readonly Caller[];
  readonly #history: History;
  readonly #random: SeededRandom;
  readonly #ended = new AbortController();
  #looking: Promise<void> | undefined;
  #probing: Promise<void> | undefined;

  constructor(options: {
    readonly cluster: Cluster;
    readonly callers: () => readonly Caller[];
    readonly history: History;
    readonly random: SeededRandom;
  }) {
    this.#cluster = options.cluster;
    this.#callers = options.callers;
    this.#history = options.history;
    this.#random = options.random;
    this.redis = new RedisView(() => this.#cluster.stack.redisUrl);
  }

  start(): void {
    this.#looking ??= this.#every(LOOK_EVERY_MS, () => this.#look());
  }

  /** From now on new calls are tried all the time. */
  keepProbing(everyMs: number): void {
    this.#probing ??= this.#every(everyMs, () => this.#probe());
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await Promise.all([this.#looking, this.#probing]);
    this.redis.close();
  }

  /** Asks for a new session with a call, as anyone may at any time, and hangs up again. */
  async #probe(): Promise<void> {
    const { api, gateways } = this.#cluster;
    const grant = await api.createSession({ agent: 'concierge', userId: 'probe' }).catch(() => undefined);
    if (!grant) return;
    const startedAtMs = performance.now();
    const code = await connectLive({
      dial: () => new TappedLine(gateways.liveUrl(this.#random), () => undefined),
      token: grant.clientToken,
      reconnect: false,
      readyTimeoutMs: PROBE_DEADLINE_MS,
    }).then(
      ({ client }) => {
        client.end();
        return '';
      },
      (error: unknown) => (error instanceof ParleyError ? error.code : 'unknown'),
    );
    this.#history.add('probe', { op: 'probe', ms: performance.now() - startedAtMs, code });
  }

  /** Resident memory of a process now, bytes; 0 where this machine does not tell. */
  memoryOf(process: string): number {
    const pid = this.#cluster.stack.process(process)?.pid;
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const rssBytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1_024;
      this.#history.add('observer', { op: 'memory', process, rssBytes });
      return rssBytes;
    } catch {
      return 0;
    }
  }

  async #every(everyMs: number, act: () => Promise<void>): Promise<void> {
    while (!this.#ended.signal.aborted) {
      await act();
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  async #look(): Promise<void> {
    const seen = await this.redis.look(this.#liveIds());
    const still = new Set(this.#liveIds());
    for (const each of seen ?? []) {
      // a call that ended while Redis was asked is nobody's
      if (!('liveId' in each) || still.has(each.liveId)) this.#history.add('observer', each);
    }
  }

  #liveIds(): readonly string[] {
    return this.#callers().flatMap(({ liveId, leaving }) => (liveId === '' || leaving ? [] : [liveId]));
  }
}
