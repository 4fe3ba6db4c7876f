import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import type { Clock } from '@parley/kernel';
import { ChildServer } from './child-server.js';

export type RedisBinary = 'redis-server' | 'valkey-server';

const READY_WITHIN_MS = 30_000;
const PORT_ATTEMPTS = 3;

/**
 * Neither server looks whether the process that started it still lives. So a subshell waits for the end of our pipe and
 * then ends the server, whose process id is the shell's own.
 */
const ENDS_WITH_US =
  'exec 3<&0; (cat <&3 >/dev/null; kill -TERM $$ 2>/dev/null) & exec 3<&-; exec "$0" "$@" </dev/null';

/** The first of `redis-server` and `valkey-server` that the PATH has. */
export async function findRedisBinary(): Promise<RedisBinary | undefined> {
  for (const name of ['redis-server', 'valkey-server'] as const) {
    const found = await new Promise<boolean>((resolve) => {
      execFile(name, ['--version'], { timeout: 5_000 }, (error) => resolve(error === null));
    });
    if (found) return name;
  }
  return undefined;
}

/** With a `dataDir` every write goes to an append-only file there; without one nothing is written to disk. */
export async function startRedisBinary(
  binary: RedisBinary,
  dataDir: string | undefined,
  clock: Clock,
): Promise<{ server: ChildServer; port: number }> {
  if (dataDir !== undefined) await mkdir(dataDir, { recursive: true });
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { server: await startRedisProcess(binary, serverArgs(port, dataDir), clock), port };
    } catch (error) {
      // Somebody may have taken the port since it was free.
      if (attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

/** A server or a sentinel; `args` are its own, as on a command line. It ends with this process. */
export async function startRedisProcess(
  binary: RedisBinary,
  args: readonly string[],
  clock: Clock,
): Promise<ChildServer> {
  const { server } = await ChildServer.start({
    command: 'sh',
    args: ['-c', ENDS_WITH_US, binary, ...args],
    readyFrom: (line) => (/Ready to accept connections|\+monitor master/.test(line) ? true : undefined),
    readyWithinMs: READY_WITHIN_MS,
    clock,
  });
  return server;
}

function serverArgs(port: number, dataDir: string | undefined): readonly string[] {
  const durability =
    dataDir === undefined
      ? ['--appendonly', 'no']
      : ['--dir', dataDir, '--appendonly', 'yes', '--appendfsync', 'everysec'];
  return [
    ...['--port', String(port), '--bind', '127.0.0.1', '--protected-mode', 'yes', '--daemonize', 'no'],
    ...['--save', '', '--maxmemory-policy', 'noeviction', ...durability],
  ];
}

/** A port that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
