import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { findRedisBinary, startLocalRedis } from '@parley/redis';
import { bundledProgram } from '../../support/redis/bundled-program.js';
import { eventually } from '../../support/redis/eventually.js';
import { describeOnEveryRedis, startRedis } from '../../support/redis/start-redis.js';

await describeOnEveryRedis('startLocalRedis', (kind) => {
  it('answers on loopback only, says what it is, and is gone when stopped', async () => {
    const redis = await startRedis(kind);
    const client = new Redis(redis.url);
    expect(await client.ping()).toBe('PONG');
    await client.quit();
    const { port } = new URL(redis.url);
    for (const address of addressesBeyondLoopback()) {
      expect(await answers(address, Number(port)), address).toBe(false);
    }
    expect(redis.why).toMatch(kind === 'embedded' ? /asked for/ : /PATH/);
    expect(redis.durable).toBe(false);
    await redis.stop();
    await redis.stop();
    expect(await answers('127.0.0.1', Number(port))).toBe(false);
  });

  it('ends when the process that started it is killed', async () => {
    const program = await bundledProgram('test/support/redis/redis-owner.ts');
    const embedded = await bundledProgram('apps/redis/src/main.ts');
    const owner = spawn(process.execPath, [program, kind, embedded], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
    const { pid } = JSON.parse(line) as { pid: number };
    expect(runs(pid)).toBe(true);
    owner.kill('SIGKILL');
    await eventually(() => expect(runs(pid)).toBe(false));
  });
});

const binary = await findRedisBinary();

describe.skipIf(!binary)(
  'startLocalRedis with a data directory (skipped: no redis-server on the PATH)',
  () => {
    it('keeps what was written across a restart', async () => {
      const dataDir = await mkdtemp(join(tmpdir(), 'parley-redis-'));
      const first = await startRedis('server', { dataDir });
      expect(first.durable).toBe(true);
      const writer = new Redis(first.url);
      await writer.set('kept', 'yes');
      await writer.quit();
      await first.stop();
      const second = await startRedis('server', { dataDir });
      const reader = new Redis(second.url);
      expect(await reader.get('kept')).toBe('yes');
      await reader.quit();
      await second.stop();
      expect(await readdir(dataDir)).toContain('appendonlydir');
      await rm(dataDir, { recursive: true });
    });
  },
);

describe('the embedded Redis program', () => {
  const start = async (...args: string[]) =>
    spawn(process.execPath, [await bundledProgram('apps/redis/src/main.ts'), ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });

  it.each(['SIGTERM', 'SIGINT'] as const)('exits with 0 on %s', async (signal) => {
    const child = await start();
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    expect(JSON.parse(line)).toEqual({
      ready: true,
      port: expect.any(Number) as number,
      engine: 'js-redis-server',
    });
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('exits with 0 when its stdin ends', async () => {
    const child = await start();
    await once(child.stdout, 'data');
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('refuses a port that is none, and one that is taken', async () => {
    const misled = await start('--port', '70000');
    expect(await once(misled, 'exit')).toEqual([64, null]);
    const first = await start();
    const [line] = (await once(createInterface({ input: first.stdout }), 'line')) as [string];
    const { port } = JSON.parse(line) as { port: number };
    const second = await start('--port', String(port));
    expect(await once(second, 'exit')).toEqual([1, null]);
    first.kill();
    await once(first, 'exit');
  });

  it('makes startLocalRedis fail with its reason when it can not start', async () => {
    await expect(
      startLocalRedis({ prefer: 'embedded', embeddedProgram: '/nowhere/redis.js' }),
    ).rejects.toThrow(/ended \(exit 1\).*Cannot find module/s);
  });
});

function addressesBeyondLoopback(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: 2_000 });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    socket.once('timeout', () => settle(false));
  });
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
