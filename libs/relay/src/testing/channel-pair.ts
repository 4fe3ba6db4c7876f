import { silentLog, systemClock, type Clock, type Log } from '@parley/kernel';
import { BatchBuffers } from '../batch-buffers.js';
import type { FrameChannel, LinkLoss } from '../frame-channel.js';
import { Link } from '../link.js';
import type { LinkChannel } from '../link-channel.js';
import { LinkStream, type StreamFollower } from '../link-stream.js';
import { RelayCounters, type RelayObserver } from '../relay-counters.js';
import { DEFAULT_LIMITS, type RelayLimits } from '../relay-limits.js';
import { MemoryWire, type MemoryTransport } from './memory-wire.js';

export interface ChannelPairOptions {
  readonly liveId?: string;
  readonly epoch?: number;
  readonly attach?: number;
  readonly limits?: Partial<RelayLimits>;
  /** The platform's when left out. With a ManualClock, `advance` also delivers what was sent. */
  readonly clock?: Clock;
  readonly log?: Log;
}

export interface ChannelPair {
  readonly gateway: FrameChannel;
  readonly worker: FrameChannel;
  readonly gatewayCounters: Readonly<RelayCounters>;
  readonly workerCounters: Readonly<RelayCounters>;
  /** What `side` writes stays in its queues until `resume`, as behind a peer that does not read. */
  stall(side: 'gateway' | 'worker'): void;
  resume(side: 'gateway' | 'worker'): void;
  /** Ends the link: both channels end with `link_lost`. Also stops the pair's timers. */
  cut(): void;
}

/**
 * Both ends of an open channel without a socket: the real link, framing and flow control over memory. Frames are
 * delivered in microtasks, never within the call that sends them.
 */
export function channelPair(options: ChannelPairOptions = {}): ChannelPair {
  const { liveId = 'live_1', epoch = 1, attach = 1 } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const wire = new MemoryWire();
  const opened: { worker?: FrameChannel } = {};
  const worker = memoryLink('worker', wire.worker, {
    ...options,
    onOpen: (channel) => {
      opened.worker = channel;
      channel.accept();
    },
  });
  const gateway = memoryLink('gateway', wire.gateway, options);
  const { mediaWindowBytes } = limits;
  const payload = new Uint8Array(0);
  const channel = gateway.link.openChannel(
    { liveId, epoch, attach, mediaWindowBytes, payload },
    () => undefined,
  );
  wire.settle();
  if (opened.worker === undefined) throw new Error('The pair did not open.');
  return {
    gateway: channel,
    worker: opened.worker,
    gatewayCounters: gateway.counters,
    workerCounters: worker.counters,
    stall: (side) => wire[side].stall(),
    resume: (side) => wire[side].resume(),
    cut: () => wire.gateway.destroy(),
  };
}

export interface MemoryLinkOptions {
  readonly limits?: Partial<RelayLimits>;
  readonly clock?: Clock;
  readonly log?: Log;
  readonly onOpen?: (channel: LinkChannel) => void;
  readonly onEnd?: (loss: LinkLoss) => void;
  readonly observer?: RelayObserver;
}

const NOBODY: StreamFollower = { onFrame: () => undefined, onEnd: () => undefined };

/** One end of a link over memory, as it is after a handshake. */
export function memoryLink(
  side: 'gateway' | 'worker',
  transport: MemoryTransport,
  options: MemoryLinkOptions = {},
): { readonly link: Link; readonly counters: RelayCounters } {
  const { clock = systemClock, log = silentLog, onOpen, onEnd = () => undefined, observer = {} } = options;
  const counters = new RelayCounters();
  const stream = new LinkStream(transport, NOBODY, { clock, counters, buffers: new BatchBuffers() });
  const peer = side === 'gateway' ? { id: 'worker_1', incarnation: 'inc_1' } : { id: 'gateway_1' };
  const link = new Link({
    side,
    stream,
    peer: { ...peer, capabilities: [] },
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    clock,
    log,
    counters,
    observer,
    onEnd,
    ...(onOpen === undefined ? {} : { onOpen }),
  });
  return { link, counters };
}
