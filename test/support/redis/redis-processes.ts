import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { systemClock } from '@parley/kernel';
import { freePort, startRedisProcess, type HostPort, type RedisBinary } from '@parley/redis';
import { eventually } from './eventually.js';

type Process = Awaited<ReturnType<typeof startRedisProcess>>;

const HOST = '127.0.0.1';
const SLOTS = 16_384;

/** Servers of one test on loopback, with a folder for what they write. */
class Processes {
  readonly #running: Process[] = [];
  readonly #binary: RedisBinary;
  readonly dir: string;

  private constructor(binary: RedisBinary, dir: string) {
    this.#binary = binary;
    this.dir = dir;
  }

  static async create(binary: RedisBinary): Promise<Processes> {
    return new Processes(binary, await mkdtemp(join(tmpdir(), 'parley-redis-')));
  }

  async start(args: readonly string[]): Promise<Process> {
    const server = await startRedisProcess(this.#binary, [...args, '--dir', this.dir], systemClock);
    this.#running.push(server);
    return server;
  }

  async server(args: readonly string[] = []): Promise<{ readonly process: Process; readonly port: number }> {
    const port = await freePort();
    const own = ['--port', String(port), '--bind', HOST, '--save', '', '--dbfilename', `${port}.rdb`];
    return { process: await this.start([...own, ...args]), port };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map((server) => server.stop()));
    await rm(this.dir, { recursive: true });
  }
}

export interface WatchedRedis {
  readonly url: string;
  readonly sentinels: readonly HostPort[];
  readonly master: string;
  killMaster(): Promise<void>;
  stop(): Promise<void>;
}

/** A master, its replica, and a sentinel that knows both. */
export async function startWatchedRedis(binary: RedisBinary): Promise<WatchedRedis> {
  const processes = await Processes.create(binary);
  const master = await processes.server();
  await processes.server([
    ...['--replicaof', HOST, String(master.port), '--repl-diskless-load', 'on-empty-db'],
  ]);
  const port = await freePort();
  const config = join(processes.dir, 'sentinel.conf');
  await writeFile(
    config,
    [
      `port ${port}`,
      `bind ${HOST}`,
      `sentinel monitor main ${HOST} ${master.port} 1`,
      'sentinel down-after-milliseconds main 1000',
      'sentinel failover-timeout main 5000',
    ].join('\n'),
  );
  await processes.start([config, '--sentinel']);
  const sentinel = new Redis({ port, host: HOST, protocol: 2 });
  const masterClient = new Redis({ port: master.port, host: HOST });
  // a sentinel speaks before it listens
  sentinel.on('error', () => undefined);
  await eventually(async () => {
    expect(await masterClient.info('replication')).toMatch(/state=online/);
    expect(await sentinel.call('SENTINEL', 'replicas', 'main')).toHaveLength(1);
  }, 30_000);
  sentinel.disconnect();
  masterClient.disconnect();
  return {
    url: `redis://${HOST}:${master.port}`,
    sentinels: [{ host: HOST, port }],
    master: 'main',
    async killMaster() {
      master.process.kill('SIGKILL');
      await master.process.ended;
    },
    stop: () => processes.stop(),
  };
}

export interface ClusteredRedis {
  readonly url: string;
  /** Of the node that has this key's slot. */
  urlOf(key: string): Promise<string>;
  stop(): Promise<void>;
}

/** Three masters that share the slots between them. */
export async function startClusteredRedis(binary: RedisBinary): Promise<ClusteredRedis> {
  const processes = await Processes.create(binary);
  const nodes = await Promise.all(
    [0, 1, 2].map(async (i) => {
      const busPort = await freePort();
      const { port } = await processes.server([
        ...['--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${i}.conf`],
        ...['--cluster-port', String(busPort)],
      ]);
      return { url: `redis://${HOST}:${port}`, port, busPort, client: new Redis({ port, host: HOST }) };
    }),
  );
  const share = Math.ceil(SLOTS / nodes.length);
  const ownerOf = (slot: number) => nodes[Math.floor(slot / share)] ?? nodes[0];
  for (const [i, node] of nodes.entries()) {
    const last = Math.min((i + 1) * share, SLOTS) - 1;
    await node.client.call('CLUSTER', 'ADDSLOTSRANGE', i * share, last);
    await node.client.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
  }
  const [first] = nodes;
  for (const { port, busPort } of nodes.slice(1)) {
    await first?.client.call('CLUSTER', 'MEET', HOST, port, busPort);
  }
  for (const node of nodes) {
    await eventually(async () => {
      const info = await node.client.call('CLUSTER', 'INFO');
      expect(info).toMatch(/cluster_state:ok[\s\S]*cluster_known_nodes:3/);
    }, 30_000);
  }
  return {
    url: first?.url ?? '',
    async urlOf(key) {
      const slot = Number(await first?.client.call('CLUSTER', 'KEYSLOT', key));
      return ownerOf(slot)?.url ?? '';
    },
    async stop() {
      for (const node of nodes) node.client.disconnect();
      await processes.stop();
    },
  };
}
