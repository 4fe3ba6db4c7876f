import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ParleyApi } from '@parley/client';
import { Stack } from '@parley/local';
import { Gateways } from './gateways.js';
import { MemoryLook, type Memory } from './memory-look.js';
import { ModelControl } from './model-control.js';

export interface ClusterOptions {
  readonly workers: number;
  readonly gateways: number;
  /** Sessions per worker. */
  readonly capacity: number;
  /** Lines that faults will break; others lead straight. */
  readonly proxied: readonly ('links' | 'redis')[];
  /** How far the wall clock of a process is off, in milliseconds, by its name. */
  readonly clockSkewMs?: Readonly<Record<string, number>>;
  /** How long after its end a process is started again. */
  readonly restartPauseMs: number;
}

const SCENARIOS = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './emulator/' : '../test/chaos/emulator/', import.meta.url),
);
const SKEW = new URL(
  import.meta.url.endsWith('.ts') ? './clock-skew.mjs' : '../test/chaos/clock-skew.mjs',
  import.meta.url,
);

/**
 * The whole service with a data folder of its own, which goes with it, and a supervisor: what is killed comes back.
 * Nothing of it is anybody else's: Redis and the database are its own, and everything is on loopback.
 */
export class Cluster {
  readonly stack: Stack;
  readonly model: ModelControl;
  readonly dataDir: string;
  readonly #gatewayMemory: MemoryLook;

  static async start(options: ClusterOptions): Promise<Cluster> {
    const dataDir = await mkdtemp(join(tmpdir(), 'parley-chaos-'));
    const controlSecret = randomBytes(16).toString('hex');
    const gatewayMemory = new MemoryLook(join(dataDir, 'gateway.memory.json'));
    const { workers, gateways, capacity, proxied, restartPauseMs, clockSkewMs = {} } = options;
    const stack = await Stack.start({
      dataDir,
      port: 0,
      ...{ workers, gateways, capacity, proxied, restartPauseMs },
      restartWorkers: true,
      restartGateways: true,
      redis: { prefer: 'server' },
      provider: { kind: 'emulator', speech: 'synthetic', scenarioFolder: SCENARIOS, scenario: 'chaos' },
      env: { PARLEY_HANDSHAKES_PER_S: '1000', PARLEY_DEVELOPMENT: 'true', PARLEY_DRAIN_S: '20' },
      envOf: (name) => ({
        ...(name.startsWith('worker') ? { PARLEY_WORKER_ID: name } : {}),
        ...(name === 'emulator' ? { PARLEY_EMULATOR_CONTROL_SECRET: controlSecret } : {}),
        ...(name === 'gateway' ? { NODE_OPTIONS: gatewayMemory.nodeOptions } : {}),
        ...(clockSkewMs[name] ? { NODE_OPTIONS: `--import=${SKEW.href}?ms=${clockSkewMs[name]}` } : {}),
      }),
    });
    return new Cluster(stack, dataDir, controlSecret, gatewayMemory);
  }

  private constructor(stack: Stack, dataDir: string, controlSecret: string, gatewayMemory: MemoryLook) {
    this.stack = stack;
    this.#gatewayMemory = gatewayMemory;
    this.dataDir = dataDir;
    this.model = new ModelControl(stack.urlOf('emulator'), controlSecret);
  }

  /** What clients are sent to: a gateway that has been asked to go, or is not up, is left out. */
  readonly gateways: Gateways = new Gateways(() =>
    this.stack
      .names('gateway')
      .filter((name) => this.isUp(name))
      .map((name) => this.stack.urlOf(name)),
  );

  /** REST over the first gateway that is up. */
  get api(): ParleyApi {
    const name = this.stack.names('gateway').find((each) => this.isUp(each)) ?? 'gateway';
    return new ParleyApi({ baseUrl: this.stack.urlOf(name), apiKey: this.stack.apiKey });
  }

  isUp(name: string): boolean {
    const process = this.stack.process(name);
    return process !== undefined && process.wanted && process.up;
  }

  /** Of the first gateway, which must not have been started again. */
  async gatewayMemory(): Promise<Memory> {
    const pid = this.stack.process('gateway')?.pid;
    if (pid === undefined) throw new Error('the gateway is not up');
    return this.#gatewayMemory.take(pid);
  }

  get processes(): readonly string[] {
    return [...this.stack.names('gateway'), ...this.stack.names('worker')];
  }

  get databaseUrl(): string {
    return `file:${join(this.dataDir, 'parley.db')}`;
  }

  /** Logs stay when `keep` is set, for whoever looks for what went wrong. */
  async stop({ keep = false } = {}): Promise<void> {
    await this.stack.stop();
    if (!keep) await rm(this.dataDir, { recursive: true, force: true });
  }
}
