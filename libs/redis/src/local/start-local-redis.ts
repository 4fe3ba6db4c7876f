import { systemClock } from '@parley/kernel';
import { ChildServer } from './child-server.js';
import { findRedisBinary, startRedisBinary, type RedisBinary } from './redis-binary.js';

export interface LocalRedisOptions {
  /** `server` takes a Redis or Valkey of this machine when there is one; `embedded` never looks for it. */
  readonly prefer: 'server' | 'embedded';
  /** The built `apps/redis` (`dist/redis.js`), started when no server is. */
  readonly embeddedProgram: string;
  /** Where a server keeps its append-only file; without it nothing outlives the process. */
  readonly dataDir?: string;
}

/** A Redis on loopback that belongs to this process and ends with it. */
export interface LocalRedis {
  readonly url: string;
  readonly engine: RedisBinary | 'js-redis-server';
  /** Why this engine, as a sentence for whoever starts the system. */
  readonly why: string;
  /** Whether what it holds is there again after a restart. */
  readonly durable: boolean;
  readonly pid: number;
  /** Resolves when the process is gone, with how it ended. */
  readonly ended: Promise<string>;
  kill(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

const EMBEDDED_READY_WITHIN_MS = 20_000;

export async function startLocalRedis(options: LocalRedisOptions): Promise<LocalRedis> {
  const binary = options.prefer === 'server' ? await findRedisBinary() : undefined;
  if (binary !== undefined) {
    const { server, port } = await startRedisBinary(binary, options.dataDir, systemClock);
    const durable = options.dataDir !== undefined;
    return localRedis(server, port, binary, durable, `${binary} was found on the PATH.`);
  }
  const { server, ready } = await ChildServer.start({
    command: process.execPath,
    args: [options.embeddedProgram, '--port', '0'],
    readyFrom: portFrom,
    readyWithinMs: EMBEDDED_READY_WITHIN_MS,
    clock: systemClock,
  });
  const why =
    options.prefer === 'server'
      ? 'Neither redis-server nor valkey-server is on the PATH: an emulated Redis runs, for a single machine, not durable.'
      : 'The emulated Redis was asked for: for a single machine, not durable.';
  return localRedis(server, ready, 'js-redis-server', false, why);
}

function localRedis(
  server: ChildServer,
  port: number,
  engine: LocalRedis['engine'],
  durable: boolean,
  why: string,
): LocalRedis {
  return {
    url: `redis://127.0.0.1:${port}`,
    engine,
    why,
    durable,
    pid: server.pid,
    ended: server.ended,
    kill: (signal) => server.kill(signal),
    stop: () => server.stop(),
  };
}

/** Reads the one line that the embedded server prints. */
function portFrom(line: string): number | undefined {
  const said: unknown = JSON.parse(line);
  return typeof said === 'object' && said !== null && 'port' in said && typeof said.port === 'number'
    ? said.port
    : undefined;
}
