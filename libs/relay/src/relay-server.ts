import { createServer, type Server, type Socket } from 'node:net';
import { toParleyError, type Clock, type Log } from '@parley/kernel';
import { BatchBuffers } from './batch-buffers.js';
import type { FrameChannel } from './frame-channel.js';
import { WorkerHandshake } from './handshake.js';
import { Link } from './link.js';
import type { LinkAddress } from './link-address.js';
import type { LinkChannel } from './link-channel.js';
import type { OpenMessage, Refusal } from './link-message.js';
import { LinkStream } from './link-stream.js';
import { newNonce } from './link-token.js';
import { RelayCounters, type RelayObserver } from './relay-counters.js';
import { DEFAULT_LIMITS, type RelayLimits } from './relay-limits.js';
import { shakeHands, type HandshakeResult } from './shake-hands.js';
import { TcpTransport } from './tcp-transport.js';

export type OpenAnswer = { readonly kind: 'accept' } | ({ readonly kind: 'refuse' } & Refusal);

/**
 * Decides about a run that a gateway wants to attach to. The channel may be kept, listened to and sent on at once;
 * what is sent waits for `accept`. It closes when the gateway gives up meanwhile. `payload` is a copy. Whether
 * epoch and attach are the right ones is for the handler to judge; a throw refuses with the error's code.
 */
export type OpenHandler = (channel: FrameChannel, payload: Uint8Array) => OpenAnswer | Promise<OpenAnswer>;

export interface RelayServerOptions {
  readonly workerId: string;
  readonly incarnation: string;
  /** At least one; any of them opens a link. */
  readonly secrets: readonly string[];
  /** What this build can do beyond version 1 of the link, for the gateway to read. No commas. */
  readonly capabilities?: readonly string[];
  readonly onOpen: OpenHandler;
  readonly clock: Clock;
  readonly log: Log;
  readonly observer?: RelayObserver;
  readonly limits?: Partial<RelayLimits>;
}

/**
 * A worker's end of all links: takes connections from gateways and offers their runs to `onOpen`.
 *
 * 1. Nobody gets past the handshake without the cluster's secret, and no more than `pendingHandshakes` try at once.
 * 2. Each open is answered exactly once, unless its gateway gave up or its link ended first.
 */
export class RelayServer {
  readonly #options: RelayServerOptions;
  readonly #limits: RelayLimits;
  readonly #counters = new RelayCounters();
  readonly #buffers = new BatchBuffers();
  readonly #server: Server;
  readonly #links = new Set<Link>();
  readonly #handshakes = new Set<{ abandon(): void }>();
  #incarnation: string;
  /** Set by the first `drain`; called when the last channel is gone. */
  #drained: { readonly promise: Promise<void>; readonly tell: () => void } | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: RelayServerOptions) {
    this.#options = options;
    this.#incarnation = options.incarnation;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#server = createServer({ noDelay: true }, (socket) => this.#onConnection(socket));
  }

  /** Live: read it when it is asked for. */
  get counters(): Readonly<RelayCounters> {
    return this.#counters;
  }

  /** Resolves with where it listens; port 0 picks one. Rejects when the address can't be had. */
  listen(address: LinkAddress): Promise<LinkAddress> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(address, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (error) => this.#options.log.error('relay server failed', { error }));
        const bound = this.#server.address();
        const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
        resolve({ host: address.host, port });
      });
    });
  }

  /**
   * Resolves when no channel is left for the first time. Whether a worker that goes away takes a run is for `onOpen` to
   * say: it refuses new ones with `draining`, and takes back those that it still has.
   */
  drain(): Promise<void> {
    if (this.#drained === undefined) {
      let tell = (): void => undefined;
      const promise = new Promise<void>((resolve) => (tell = resolve));
      this.#drained = { promise, tell };
    }
    this.#tellIfDrained();
    return this.#drained.promise;
  }

  /**
   * For a worker that was fenced: cuts every link without sending what waits, and from now on shows
   * `incarnation` to who connects.
   */
  reincarnate(incarnation: string): void {
    this.#incarnation = incarnation;
    for (const handshake of [...this.#handshakes]) handshake.abandon();
    for (const link of [...this.#links]) link.cut();
  }

  /** Hangs up every link; channels end with `link_lost`, loss `shut`. Resolves when every socket is closed. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const handshake of [...this.#handshakes]) handshake.abandon();
      for (const link of [...this.#links]) link.shut();
    });
    return this.#closing;
  }

  #onConnection(socket: Socket): void {
    if (this.#closing !== undefined || this.#handshakes.size >= this.#limits.pendingHandshakes) {
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    const { workerId, capabilities = [], secrets, clock } = this.#options;
    const handshake = shakeHands({
      handshake: new WorkerHandshake(
        { workerId, incarnation: this.#incarnation, capabilities, secrets },
        newNonce(),
      ),
      makeStream: (follower) =>
        new LinkStream(new TcpTransport(socket, clock), follower, {
          clock,
          counters: this.#counters,
          buffers: this.#buffers,
        }),
      clock,
      deadlineMs: this.#limits.handshakeMs,
      done: (result) => {
        this.#handshakes.delete(handshake);
        this.#onHandshake(result);
      },
    });
    this.#handshakes.add(handshake);
  }

  #onHandshake(result: HandshakeResult): void {
    const { clock, log, observer = {} } = this.#options;
    if (result.kind === 'failed') {
      this.#counters.failedHandshakes += 1;
      log.warn('relay handshake failed', { why: result.why, code: result.refusal?.code });
      return;
    }
    const link = new Link({
      side: 'worker',
      stream: result.stream,
      peer: result.peer,
      limits: this.#limits,
      clock,
      log,
      counters: this.#counters,
      observer,
      onOpen: (channel, open) => void this.#answer(channel, open),
      onChannelEnded: () => this.#tellIfDrained(),
      onEnd: () => this.#links.delete(link),
    });
    this.#links.add(link);
  }

  async #answer(channel: LinkChannel, open: OpenMessage): Promise<void> {
    try {
      const answer = await this.#options.onOpen(channel, open.payload.slice());
      if (answer.kind === 'accept') channel.accept();
      else channel.refuse(answer);
    } catch (thrown) {
      const { code, message, retryAfterMs } = toParleyError(thrown);
      if (code === 'internal') {
        this.#options.log.error('deciding about a run failed', { liveId: channel.liveId, error: thrown });
      }
      channel.refuse({ code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
    }
  }

  #tellIfDrained(): void {
    if (this.#counters.channels === 0) this.#drained?.tell();
  }
}
