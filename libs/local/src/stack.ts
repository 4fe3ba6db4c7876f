import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '@parley/config';
import type { LocalRedis } from '@parley/redis';
import { freePort } from './free-port.js';
import { prepareLocalTenant } from './local-secrets.js';
import { ProcessKeeper } from './process-keeper.js';
import { ServiceProcess, type ReadyLine } from './service-process.js';
import { PROVIDER_VARIABLES, type StackOptions, type StackProvider } from './stack-options.js';
import { StackRedis } from './stack-redis.js';
import { TcpProxy } from './tcp-proxy.js';

/** What would contradict the settings that the stack makes itself. */
const CONTRADICTIONS = [
  'REDIS_URL_FILE',
  'QUEUE_REDIS_URL_FILE',
  'DATABASE_URL_FILE',
  'PARLEY_LINK_SECRET_FILE',
  'PARLEY_TOKEN_KEY_FILE',
  'PARLEY_WORKER_ID',
] as const;

const READY_DEADLINE_MS = 60_000;
const STOP_GRACE_MS = 30_000;
const RESTART_PAUSE_MS = 1_000;
/** Loopback, too, but another address: a proxy there can have the port that the worker has. */
const PROXY_HOST = '127.0.0.2';

type Role = 'gateway' | 'worker' | 'tool-runner' | 'emulator';

interface Plan {
  readonly name: string;
  readonly role: Role;
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** Where the built programs lie: this file's own folder once it is built, `dist/` when it runs from source. */
const DIST = import.meta.url.endsWith('.ts')
  ? fileURLToPath(new URL('../../../dist/', import.meta.url))
  : fileURLToPath(new URL('./', import.meta.url)).replace(/chunks\/$/, '');

/**
 * The whole service as processes on this machine, each with its own log file.
 *
 * 1. `start` resolves when every process is ready; when one fails, all that were started are stopped first.
 * 2. `stop` ends clients' side first and what others depend on last; idempotent.
 * 3. `failed` resolves with the name of a process that ended without being asked to and is not started again.
 */
export class Stack {
  readonly failed: Promise<string>;
  readonly #options: StackOptions;
  readonly #keepers = new Map<string, { readonly role: Role; readonly keeper: ProcessKeeper }>();
  readonly #linkProxies = new Map<string, TcpProxy>();
  #redis: StackRedis | undefined;
  #apiKey = '';
  #tellFailed: (name: string) => void = () => undefined;
  #stopping: Promise<void> | undefined;

  static async start(options: StackOptions): Promise<Stack> {
    const stack = new Stack(options);
    try {
      await stack.#start();
      return stack;
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  private constructor(options: StackOptions) {
    this.#options = options;
    this.failed = new Promise((resolve) => {
      this.#tellFailed = resolve;
    });
  }

  /** Of the first gateway. */
  get url(): string {
    return this.urlOf('gateway');
  }

  get apiKey(): string {
    return this.#apiKey;
  }

  get redisUrl(): string {
    const { redis } = this.#options;
    return 'url' in redis ? redis.url : (this.#redis?.control.url ?? '');
  }

  /** The server itself, behind all proxies. */
  get localRedis(): LocalRedis | undefined {
    return this.#redis?.control;
  }

  /** Names of the processes of one kind, in their order. */
  names(role: Role): readonly string[] {
    return [...this.#keepers].filter(([, kept]) => kept.role === role).map(([name]) => name);
  }

  /** What a process said when it was ready last: `emulator`, `worker-1` …, `tool-runner`, `gateway`. */
  readyLine(name: string): ReadyLine | undefined {
    return this.#keepers.get(name)?.keeper.readyLine;
  }

  /** Port of a process's HTTP server. */
  portOf(name: string): number {
    return this.readyLine(name)?.port ?? 0;
  }

  urlOf(name: string): string {
    return `http://127.0.0.1:${this.portOf(name)}`;
  }

  process(name: string): ServiceProcess | undefined {
    return this.#keepers.get(name)?.keeper.process;
  }

  /** How often a process has been started. */
  startsOf(name: string): number {
    return this.#keepers.get(name)?.keeper.starts ?? 0;
  }

  /** Between all gateways and one worker, where `links` are proxied. */
  linkProxy(worker: string): TcpProxy | undefined {
    return this.#linkProxies.get(worker);
  }

  /** Between one process and Redis, where `redis` is proxied. */
  redisProxy(name: string): TcpProxy | undefined {
    return this.#redis?.proxy(name);
  }

  /** Kills the local Redis if it runs, and starts it again with what its file holds. */
  async restartRedis(): Promise<void> {
    await this.#redis?.restart();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #start(): Promise<void> {
    const { dataDir, onProgress = () => undefined, provider } = this.#options;
    await mkdir(join(dataDir, 'logs'), { recursive: true });
    onProgress('redis and database');
    const databaseUrl = this.#options.databaseUrl ?? `file:${join(dataDir, 'parley.db')}`;
    const [secrets] = await Promise.all([prepareLocalTenant(dataDir, databaseUrl), this.#startRedis()]);
    this.#apiKey = secrets.apiKey;
    onProgress(
      `${provider.kind === 'emulator' ? 'emulator (loads its speech models), ' : ''}workers, tool-runner, gateway`,
    );
    const emulatorPort = provider.kind === 'emulator' ? await freePort() : 0;
    const shared = { DATABASE_URL: databaseUrl, PARLEY_LINK_SECRET: secrets.linkSecret };
    const plans: Plan[] = [
      { name: 'tool-runner', role: 'tool-runner', env: {} },
      ...this.#gateways({ ...shared, PARLEY_TOKEN_KEY: secrets.tokenKey }),
      ...(await this.#workers({ ...shared, ...modelSettings(provider, emulatorPort) })),
    ];
    if (provider.kind === 'emulator') {
      const env = { PARLEY_EMULATOR_SPEECH: provider.speech, PARLEY_PORT: String(emulatorPort) };
      const { scenarioFolder } = provider;
      const args = scenarioFolder === undefined ? [] : ['--scenarios', scenarioFolder];
      plans.push({ name: 'emulator', role: 'emulator', env, args });
    }
    await Promise.all(plans.map((plan) => this.#keep(plan)));
  }

  async #startRedis(): Promise<void> {
    const { redis, dataDir, proxied } = this.#options;
    if ('url' in redis) return;
    this.#redis = await StackRedis.start({
      prefer: redis.prefer,
      embeddedProgram: join(DIST, 'redis.js'),
      dataDir,
      proxied: proxied?.includes('redis') ?? false,
      onFailed: () => this.#tellFailed('redis'),
    });
  }

  #gateways(shared: Plan['env']): Plan[] {
    const env = { ...shared, PARLEY_CONSOLE_DIR: join(DIST, 'console') };
    return Array.from({ length: this.#options.gateways ?? 1 }, (_, index) => ({
      name: index === 0 ? 'gateway' : `gateway-${index + 1}`,
      role: 'gateway',
      env: index === 0 ? { ...env, PARLEY_PORT: String(this.#options.port) } : env,
    }));
  }

  async #workers(shared: Plan['env']): Promise<Plan[]> {
    const { workers, capacity, artifactsDir, dataDir, proxied } = this.#options;
    const plans: Plan[] = [];
    for (let n = 1; n <= workers; n++) {
      const name = `worker-${n}`;
      const own = {
        PARLEY_LINK_PORT: '0',
        PARLEY_CAPACITY: String(capacity),
        PARLEY_ARTIFACTS_DIR: artifactsDir ?? join(dataDir, 'artifacts'),
        ...(proxied?.includes('links') ? await this.#proxyLink(name) : {}),
      };
      plans.push({ name, role: 'worker', env: { ...shared, ...own } });
    }
    return plans;
  }

  /** The proxy has the worker's own port at another address, which the worker gives as its own. */
  async #proxyLink(worker: string): Promise<Plan['env']> {
    const port = await freePort();
    const proxy = await TcpProxy.start({ host: PROXY_HOST, port, target: { host: '127.0.0.1', port } });
    this.#linkProxies.set(worker, proxy);
    return { PARLEY_LINK_PORT: String(port), PARLEY_ADVERTISED_HOST: PROXY_HOST };
  }

  async #keep({ name, role, env, args = [] }: Plan): Promise<void> {
    const { dataDir, restartWorkers, restartGateways, restartPauseMs = RESTART_PAUSE_MS } = this.#options;
    const restarts = (role === 'worker' && restartWorkers) || (role === 'gateway' && restartGateways);
    const settings = { ...(await this.#redisSettings(name)), ...env };
    const link = this.#linkProxies.get(name);
    const keeper = new ProcessKeeper({
      name,
      restartPauseMs: restarts ? restartPauseMs : undefined,
      launch: ({ nth, port }) =>
        new ServiceProcess({
          name,
          script: join(DIST, `${role}.js`),
          args,
          env: this.#environment(
            name,
            role,
            port === undefined ? settings : { ...settings, PARLEY_PORT: String(port) },
          ),
          logFile: join(dataDir, 'logs', nth === 1 ? `${name}.log` : `${name}.${nth}.log`),
          readyDeadlineMs: READY_DEADLINE_MS,
        }),
      // as where nothing stands between: the port refuses while the process is not there
      onUp: () => void link?.heal(),
      onGone: () => void link?.refuse(),
      onFailed: () => this.#tellFailed(name),
    });
    this.#keepers.set(name, { role, keeper });
    await keeper.start();
  }

  async #redisSettings(name: string): Promise<Plan['env']> {
    const { redis } = this.#options;
    if ('url' in redis) return { REDIS_URL: redis.url, QUEUE_REDIS_URL: redis.url };
    return (await this.#redis?.settingsOf(name)) ?? {};
  }

  #environment(name: string, role: Role, env: Plan['env']): Record<string, string> {
    const { envOf, provider } = this.#options;
    return childEnvironment(
      {
        PARLEY_PORT: '0',
        PARLEY_AGENTS_DIR: join(DIST, 'agents'),
        PARLEY_END_WITH_PARENT: 'true',
        // when all of it stops there is nowhere to go
        PARLEY_DRAIN_S: '1',
        ...env,
        ...this.#options.env,
        ...envOf?.(name),
      },
      provider.kind === 'environment' && role === 'worker'
        ? CONTRADICTIONS
        : [...CONTRADICTIONS, ...PROVIDER_VARIABLES],
    );
  }

  async #stop(): Promise<void> {
    const kept = [...this.#keepers.values()];
    const ranks: readonly (readonly Role[])[] = [['gateway'], ['worker', 'tool-runner'], ['emulator']];
    for (const roles of ranks) {
      const group = kept.filter(({ role }) => roles.includes(role));
      await Promise.all(group.map(({ keeper }) => keeper.stop(STOP_GRACE_MS)));
    }
    await Promise.all([...this.#linkProxies.values()].map((proxy) => proxy.close()));
    await this.#redis?.stop();
  }
}

/** The settings by which workers find their model. */
function modelSettings(provider: StackProvider, emulatorPort: number): Readonly<Record<string, string>> {
  switch (provider.kind) {
    case 'environment':
      return {};
    case 'emulator-at':
      return { PARLEY_EMULATOR_URL: provider.url };
    case 'emulator': {
      const path = provider.scenario === undefined ? '' : `/s/${provider.scenario}`;
      return { PARLEY_EMULATOR_URL: `http://127.0.0.1:${emulatorPort}${path}` };
    }
  }
}
