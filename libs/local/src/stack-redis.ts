import { startLocalRedis, type LocalRedis } from '@parley/redis';
import { TcpProxy, type Target } from './tcp-proxy.js';

/** The emulated Redis shares its one thread among all scripts; 500 placements at once took it 1.3 s. */
const EMBEDDED_REDIS_TIMEOUT_MS = '3000';

export interface StackRedisOptions {
  readonly prefer: 'server' | 'embedded';
  readonly embeddedProgram: string;
  /** The folder of its append-only file. */
  readonly dataDir: string;
  /** Every process reaches it over a proxy of its own. */
  readonly proxied: boolean;
  /** It ended without being asked to. */
  readonly onFailed: () => void;
}

/**
 * The Redis of a stack: one server, or two emulated ones, which are too slow to share.
 *
 * 1. `restart` brings the control plane's one back, with what its append-only file holds; where processes reach it
 *    over proxies they find it again, else only a stack that is started anew does.
 * 2. `stop` ends all of them; idempotent.
 */
export class StackRedis {
  readonly #options: StackRedisOptions;
  readonly #proxies = new Map<string, TcpProxy>();
  readonly #queue: LocalRedis | undefined;
  #control: LocalRedis;
  #stopping = false;

  static async start(options: StackRedisOptions): Promise<StackRedis> {
    const control = await startOne(options, 'redis');
    // the emulated one is slow at jobs: they get another, so that placement does not wait for them
    const queue =
      control.engine === 'js-redis-server' ? await startOne(options, 'queue-redis', 'embedded') : undefined;
    return new StackRedis(options, control, queue);
  }

  private constructor(options: StackRedisOptions, control: LocalRedis, queue: LocalRedis | undefined) {
    this.#options = options;
    this.#control = control;
    this.#queue = queue;
    this.#watch(control);
    if (queue) this.#watch(queue);
  }

  get control(): LocalRedis {
    return this.#control;
  }

  /** Between one process and the control plane's Redis; undefined where there is none. */
  proxy(name: string): TcpProxy | undefined {
    return this.#proxies.get(name);
  }

  /** What one process needs to find its Redis. */
  async settingsOf(name: string): Promise<Readonly<Record<string, string>>> {
    const url = this.#options.proxied ? await this.#proxyFor(name) : this.#control.url;
    if (!this.#queue) return { REDIS_URL: url, QUEUE_REDIS_URL: url };
    return {
      REDIS_URL: url,
      QUEUE_REDIS_URL: this.#queue.url,
      PARLEY_REDIS_TIMEOUT_MS: EMBEDDED_REDIS_TIMEOUT_MS,
    };
  }

  async restart(): Promise<void> {
    this.#control.kill('SIGKILL');
    await this.#control.ended;
    this.#control = await startOne(this.#options, 'redis');
    this.#watch(this.#control);
    for (const proxy of this.#proxies.values()) proxy.retarget(targetOf(this.#control));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.close()));
    this.#control.kill('SIGCONT');
    await Promise.all([this.#control.stop(), this.#queue?.stop()]);
  }

  async #proxyFor(name: string): Promise<string> {
    let proxy = this.#proxies.get(name);
    if (!proxy) {
      proxy = await TcpProxy.start({ target: targetOf(this.#control) });
      this.#proxies.set(name, proxy);
    }
    return `redis://127.0.0.1:${proxy.port}`;
  }

  #watch(redis: LocalRedis): void {
    void redis.ended.then(() => {
      if (!this.#stopping && !this.#options.proxied) this.#options.onFailed();
    });
  }
}

function startOne(
  { prefer, embeddedProgram, dataDir }: StackRedisOptions,
  name: string,
  engine = prefer,
): Promise<LocalRedis> {
  return startLocalRedis({ prefer: engine, embeddedProgram, dataDir: `${dataDir}/${name}` });
}

function targetOf(redis: LocalRedis): Target {
  const { hostname, port } = new URL(redis.url);
  return { host: hostname, port: Number(port) };
}
