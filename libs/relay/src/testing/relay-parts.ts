import { silentLog, systemClock } from '@parley/kernel';
import { afterEach } from 'vitest';
import type { FrameChannel } from '../frame-channel.js';
import { RelayClient, type OpenOptions, type RelayClientOptions } from '../relay-client.js';
import type { RelayOpenError } from '../relay-open-error.js';
import { RelayServer, type RelayServerOptions } from '../relay-server.js';
import { text } from './recorder.js';

const SHARED = { clock: systemClock, log: silentLog };
const closers: (() => Promise<void> | void)[] = [];

/** Runs `close` after the test, last registered first. */
export function afterTest(close: () => Promise<void> | void): void {
  closers.push(close);
}

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

export interface ListeningWorker {
  readonly server: RelayServer;
  readonly address: string;
  readonly port: number;
}

/** A worker that listens on the loopback and accepts every run. */
export async function worker(options: Partial<RelayServerOptions> = {}): Promise<ListeningWorker> {
  const server = new RelayServer({
    ...SHARED,
    workerId: 'worker_1',
    incarnation: 'inc_1',
    secrets: ['secret'],
    onOpen: () => ({ kind: 'accept' }),
    ...options,
  });
  afterTest(() => server.close());
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { server, port, address: `127.0.0.1:${port}` };
}

export function gateway(options: Partial<RelayClientOptions> = {}): RelayClient {
  const client = new RelayClient({ ...SHARED, gatewayId: 'gateway_1', secret: 'secret', ...options });
  afterTest(() => client.close());
  return client;
}

export function at(address: string, options: Partial<OpenOptions> = {}): OpenOptions {
  return {
    address,
    workerId: 'worker_1',
    expectIncarnation: 'inc_1',
    liveId: 'live_1',
    epoch: 1,
    attach: 1,
    payload: text('config'),
    deadlineMs: 5_000,
    ...options,
  };
}

/** What `opening` rejects with. */
export async function failureOf(opening: Promise<FrameChannel>): Promise<RelayOpenError> {
  return await opening.then(
    () => Promise.reject(new Error('It opened.')),
    (error: RelayOpenError) => error,
  );
}
