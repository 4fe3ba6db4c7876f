import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '@parley/config';
import { startLocalRedis, type LocalRedis } from '@parley/redis';
import { freePort } from './free-port.js';
import { prepareLocalTenant } from './local-secrets.js';
import { ServiceProcess, type ReadyLine } from './service-process.js';

/** Variables that choose a model provider: they reach a child only when the stack was told to use them. */
export const PROVIDER_VARIABLES = [
  'GEMINI_API_KEY',
  'GOOGLE_API_KEY',
  'GOOGLE_GENAI_API_KEY',
  'GOOGLE_GENAI_USE_VERTEXAI',
  'GOOGLE_GENAI_USE_ENTERPRISE',
  'GOOGLE_CLOUD_PROJECT',
  'GOOGLE_CLOUD_LOCATION',
  'GOOGLE_GEMINI_BASE_URL',
  'GEMINI_API_KEY_FILE',
  'GOOGLE_API_KEY_FILE',
] as const;

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
/** The emulated Redis shares its one thread among all scripts; 500 placements at once took it 1.3 s. */
const EMBEDDED_REDIS_TIMEOUT_MS = '3000';

type RedisSettings = Readonly<Record<string, string>> & { readonly REDIS_URL: string };

export type StackProvider =
  | { readonly kind: 'emulator'; readonly speech: 'real' | 'synthetic' | 'cheap' }
  /** Something that speaks the Gemini Live wire at this address already. */
  | { readonly kind: 'emulator-at'; readonly url: string }
  /** Whatever this process's environment says. */
  | { readonly kind: 'environment' };

export interface StackOptions {
  readonly dataDir: string;
  /** Of the gateway; 0 for any free one. */
  readonly port: number;
  readonly workers: number;
  /** Sessions per worker. */
  readonly capacity: number;
  readonly redis: { readonly url: string } | { readonly prefer: 'server' | 'embedded' };
  /** Default: a file in the data folder. */
  readonly databaseUrl?: string;
  /** Folder for the files of sessions. Default: `artifacts` in the data folder. */
  readonly artifactsDir?: string;
  readonly provider: StackProvider;
  /** Further settings for every process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onProgress?: (line: string) => void;
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
 * 3. `failed` resolves with the name of a process that ended without being asked to.
 */
export class Stack {
  readonly failed: Promise<string>;
  readonly #options: StackOptions;
  readonly #processes = new Map<string, ServiceProcess>();
  readonly #ready = new Map<string, ReadyLine>();
  #redis: LocalRedis | undefined;
  readonly #redises: LocalRedis[] = [];
  #redisUrl = '';
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

  get url(): string {
    return `http://127.0.0.1:${this.portOf('gateway')}`;
  }

  get apiKey(): string {
    return this.#apiKey;
  }

  get redisUrl(): string {
    return this.#redisUrl;
  }

  get localRedis(): LocalRedis | undefined {
    return this.#redis;
  }

  /** What a process said when it was ready: `emulator`, `worker-1` …, `tool-runner`, `gateway`. */
  readyLine(name: string): ReadyLine | undefined {
    return this.#ready.get(name);
  }

  /** Port of a process's HTTP server. */
  portOf(name: string): number {
    return this.#ready.get(name)?.port ?? 0;
  }

  process(name: string): ServiceProcess | undefined {
    return this.#processes.get(name);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #start(): Promise<void> {
    const { dataDir, onProgress = () => undefined, provider, workers } = this.#options;
    await mkdir(join(dataDir, 'logs'), { recursive: true });
    const databaseUrl = this.#options.databaseUrl ?? `file:${join(dataDir, 'parley.db')}`;
    onProgress('redis and database');
    const [secrets, redis] = await Promise.all([
      prepareLocalTenant(dataDir, databaseUrl),
      this.#startRedis(),
    ]);
    this.#apiKey = secrets.apiKey;
    this.#redisUrl = redis.REDIS_URL;
    const shared = {
      ...redis,
      DATABASE_URL: databaseUrl,
      PARLEY_LINK_SECRET: secrets.linkSecret,
    };
    onProgress(
      `${provider.kind === 'emulator' ? 'emulator (loads its speech models), ' : ''}workers, tool-runner, gateway`,
    );
    const emulatorPort = provider.kind === 'emulator' ? await freePort() : 0;
    const model = modelSettings(provider, emulatorPort);
    const others = [
      this.#launch('tool-runner', 'tool-runner.js', { ...redis }),
      this.#launch('gateway', 'gateway.js', {
        ...shared,
        PARLEY_TOKEN_KEY: secrets.tokenKey,
        PARLEY_PORT: String(this.#options.port),
        PARLEY_CONSOLE_DIR: join(DIST, 'console'),
      }),
    ];
    for (let n = 1; n <= workers; n++) {
      const own = {
        PARLEY_LINK_PORT: '0',
        PARLEY_CAPACITY: String(this.#options.capacity),
        PARLEY_ARTIFACTS_DIR: this.#options.artifactsDir ?? join(dataDir, 'artifacts'),
      };
      others.push(this.#launch(`worker-${n}`, 'worker.js', { ...shared, ...model, ...own }));
    }
    if (provider.kind === 'emulator') {
      const settings = { PARLEY_EMULATOR_SPEECH: provider.speech, PARLEY_PORT: String(emulatorPort) };
      others.push(this.#launch('emulator', 'emulator.js', settings));
    }
    await Promise.all(others);
  }

  async #startRedis(): Promise<RedisSettings> {
    const { redis } = this.#options;
    if ('url' in redis) return { REDIS_URL: redis.url, QUEUE_REDIS_URL: redis.url };
    const control = await this.#startLocalRedis(redis.prefer, 'redis');
    this.#redis = control;
    if (control.engine !== 'js-redis-server') return { REDIS_URL: control.url, QUEUE_REDIS_URL: control.url };
    // the emulated one is slow at jobs: they get another, so that placement does not wait for them
    const queue = await this.#startLocalRedis('embedded', 'queue-redis');
    return {
      REDIS_URL: control.url,
      QUEUE_REDIS_URL: queue.url,
      PARLEY_REDIS_TIMEOUT_MS: EMBEDDED_REDIS_TIMEOUT_MS,
    };
  }

  async #startLocalRedis(prefer: 'server' | 'embedded', name: string): Promise<LocalRedis> {
    const started = await startLocalRedis({
      prefer,
      embeddedProgram: join(DIST, 'redis.js'),
      dataDir: join(this.#options.dataDir, name),
    });
    this.#redises.push(started);
    void started.ended.then(() => {
      if (!this.#stopping) this.#tellFailed(name);
    });
    return started;
  }

  async #launch(name: string, program: string, env: Readonly<Record<string, string>>): Promise<void> {
    const child = new ServiceProcess({
      name,
      script: join(DIST, program),
      env: childEnvironment(
        {
          PARLEY_PORT: '0',
          PARLEY_AGENTS_DIR: join(DIST, 'agents'),
          PARLEY_END_WITH_PARENT: 'true',
          ...env,
          ...this.#options.env,
        },
        this.#options.provider.kind === 'environment' && name.startsWith('worker')
          ? CONTRADICTIONS
          : [...CONTRADICTIONS, ...PROVIDER_VARIABLES],
      ),
      logFile: join(this.#options.dataDir, 'logs', `${name}.log`),
      readyDeadlineMs: READY_DEADLINE_MS,
    });
    this.#processes.set(name, child);
    void child.exited.then(() => {
      if (child.wanted) this.#tellFailed(name);
    });
    this.#ready.set(name, await child.ready);
  }

  async #stop(): Promise<void> {
    const named = [...this.#processes.values()];
    const front = named.filter((child) => child.name === 'gateway');
    const back = named.filter((child) => child.name === 'emulator');
    const middle = named.filter((child) => !front.includes(child) && !back.includes(child));
    for (const group of [front, middle, back]) {
      await Promise.all(group.map((child) => child.stop(STOP_GRACE_MS)));
    }
    await Promise.all(this.#redises.map((redis) => redis.stop()));
  }
}

/** The settings by which workers find their model. */
function modelSettings(provider: StackProvider, emulatorPort: number): Readonly<Record<string, string>> {
  switch (provider.kind) {
    case 'environment':
      return {};
    case 'emulator-at':
      return { PARLEY_EMULATOR_URL: provider.url };
    case 'emulator':
      return { PARLEY_EMULATOR_URL: `http://127.0.0.1:${emulatorPort}` };
  }
}
