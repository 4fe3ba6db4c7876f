import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TcpProxy } from './tcp-proxy.js';

describe('a TCP proxy', () => {
  let echo: Server;
  let proxy: TcpProxy;
  const opened: Socket[] = [];

  beforeEach(async () => {
    echo = await echoServer();
    proxy = await TcpProxy.start({ target: targetOf(echo) });
  });
  afterEach(async () => {
    for (const socket of opened.splice(0)) socket.destroy();
    await proxy.close();
    echo.close();
  });

  it('passes bytes both ways, and ends what ends', async () => {
    const caller = await dial();
    caller.say('hello');
    await caller.hears('hello');
    caller.socket.end();
    await caller.closes();
    await vi.waitFor(() => expect(proxy.connections).toBe(0));
  });

  it('lets nothing pass while it holds, and loses nothing', async () => {
    const caller = await dial();
    caller.say('before ');
    await caller.hears('before ');
    proxy.hold();
    caller.say('during ');
    const late = await dial();
    late.say('late');
    await vi.waitFor(() => expect(proxy.connections).toBe(2));
    expect([caller.heard(), late.heard()]).toEqual(['before ', '']);
    await proxy.heal();
    await caller.hears('before during ');
    await late.hears('late');
  });

  it('refuses as a port does that nobody listens at, and comes back at the same one', async () => {
    const caller = await dial();
    await proxy.refuse();
    await caller.closes();
    await expect(dial()).rejects.toThrow('ECONNREFUSED');
    await proxy.heal();
    const again = await dial();
    again.say('again');
    await again.hears('again');
  });

  it('resets who comes while the target is gone, and finds a new one', async () => {
    const other = await echoServer();
    echo.close();
    await (await dial()).closes();
    proxy.retarget(targetOf(other));
    const caller = await dial();
    caller.say('found');
    await caller.hears('found');
    other.close();
  });

  it('lets no more come back than it is told to', async () => {
    proxy.throttle(20_000);
    const caller = await dial();
    const startedAtMs = performance.now();
    caller.say('x'.repeat(10_000));
    await caller.hears('x'.repeat(10_000));
    // 10,000 bytes at 20,000 a second, the first piece at once
    expect(performance.now() - startedAtMs).toBeGreaterThan(400);
  });

  async function dial(): Promise<Dialled> {
    const socket = connect({ host: proxy.host, port: proxy.port });
    opened.push(socket);
    let heard = '';
    socket.on('data', (bytes) => (heard += bytes.toString()));
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    let closed = false;
    socket.on('error', () => undefined).on('close', () => (closed = true));
    return {
      socket,
      say: (text) => void socket.write(text),
      heard: () => heard,
      hears: (text) => vi.waitFor(() => expect(heard).toBe(text), { timeout: 5_000 }),
      closes: () => vi.waitFor(() => expect(closed).toBe(true), { timeout: 5_000 }),
    };
  }
});

interface Dialled {
  readonly socket: Socket;
  say(text: string): void;
  heard(): string;
  hears(text: string): Promise<void>;
  closes(): Promise<void>;
}

async function echoServer(): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function targetOf(server: Server): { readonly host: string; readonly port: number } {
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}
