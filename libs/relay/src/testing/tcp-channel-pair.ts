import { silentLog, type Clock } from '@parley/kernel';
import type { FrameChannel } from '../frame-channel.js';
import { RelayClient } from '../relay-client.js';
import type { RelayLimits } from '../relay-limits.js';
import { RelayServer } from '../relay-server.js';
import type { ChannelHarness } from './channel-harness.js';
import { TcpProxy } from './tcp-proxy.js';

/** An open channel between a client and a server on loopback sockets, behind a proxy. */
export async function tcpChannelPair(limits: Partial<RelayLimits>, clock: Clock): Promise<ChannelHarness> {
  const opened: { worker?: FrameChannel } = {};
  const shared = { clock, log: silentLog, limits };
  const server = new RelayServer({
    ...shared,
    workerId: 'worker_1',
    incarnation: 'inc_1',
    secrets: ['secret'],
    onOpen: (channel) => {
      opened.worker = channel;
      return { kind: 'accept' };
    },
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const proxy = new TcpProxy(port);
  const address = await proxy.listen();
  const client = new RelayClient({ ...shared, gatewayId: 'gateway_1', secret: 'secret' });
  const gateway = await client.open({
    address,
    workerId: 'worker_1',
    expectIncarnation: 'inc_1',
    liveId: 'live_1',
    epoch: 1_767_225_600_000_123,
    attach: 3,
    payload: new Uint8Array(0),
    deadlineMs: 5_000,
  });
  if (opened.worker === undefined) throw new Error('The channel opened without the worker.');
  return {
    gateway,
    worker: opened.worker,
    workerCounters: server.counters,
    stallDown: () => proxy.stall(),
    resumeDown: () => proxy.resume(),
    cut: () => proxy.cut(),
    close: async () => {
      client.close();
      await server.close();
      await proxy.close();
    },
  };
}
