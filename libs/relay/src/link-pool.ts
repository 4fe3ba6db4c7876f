import { connect, type Socket } from 'node:net';
import type { CancelTimer, Clock, Log } from '@parley/kernel';
import { BatchBuffers } from './batch-buffers.js';
import { GatewayHandshake, type GatewayIdentity } from './handshake.js';
import { Link } from './link.js';
import { parseLinkAddress } from './link-address.js';
import { LinkStream } from './link-stream.js';
import { newNonce } from './link-token.js';
import type { RelayCounters, RelayObserver } from './relay-counters.js';
import type { RelayLimits } from './relay-limits.js';
import { RelayOpenError, workerLost, type OpenFailure } from './relay-open-error.js';
import { shakeHands, type HandshakeResult } from './shake-hands.js';
import { TcpTransport } from './tcp-transport.js';

export interface LinkTarget {
  /** `host:port`. */
  readonly address: string;
  readonly workerId: string;
  readonly incarnation: string;
}

export interface LinkPoolOptions {
  readonly gateway: GatewayIdentity;
  readonly limits: RelayLimits;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: RelayCounters;
  readonly observer: RelayObserver;
}

/**
 * A gateway's links, one for each incarnation of a worker that it has something to do with.
 *
 * 1. However many ask at once, a target is dialled once; a failed dial is forgotten, so whoever asks next dials.
 * 2. A link that is handed out leads to exactly the incarnation that was asked for, as its handshake showed.
 * 3. A link without channels is hung up after `idleLinkMs`; a link that ended is never handed out.
 */
export class LinkPool {
  readonly #options: LinkPoolOptions;
  readonly #buffers = new BatchBuffers();
  readonly #links = new Map<string, Promise<Link>>();
  /** Everything that `close` must end, be it dialling, shaking hands or up. */
  readonly #endings = new Set<() => void>();
  #closed = false;

  constructor(options: LinkPoolOptions) {
    this.#options = options;
  }

  /** Rejects with a RelayOpenError; within twice `handshakeMs` at most. */
  get(target: LinkTarget): Promise<Link> {
    if (this.#closed) return Promise.reject(workerLost('client_closed'));
    const key = `${target.address} ${target.workerId} ${target.incarnation}`;
    const known = this.#links.get(key);
    if (known !== undefined) return known;
    const forget = (): void => {
      if (this.#links.get(key) === link) this.#links.delete(key);
    };
    const link = this.#dial(target, forget);
    this.#links.set(key, link);
    link.catch(forget);
    return link;
  }

  /** Hangs up every link. Idempotent. */
  close(): void {
    this.#closed = true;
    for (const end of [...this.#endings]) end();
  }

  async #dial(target: LinkTarget, onEnd: () => void): Promise<Link> {
    const socket = await this.#connect(target);
    if (this.#closed) {
      socket.destroy();
      throw workerLost('client_closed');
    }
    return await new Promise<Link>((resolve, reject) => {
      const { gateway, limits, clock, counters } = this.#options;
      const { abandon } = shakeHands({
        handshake: new GatewayHandshake(gateway, target.workerId, newNonce()),
        makeStream: (follower) =>
          new LinkStream(new TcpTransport(socket, clock), follower, {
            clock,
            counters,
            buffers: this.#buffers,
          }),
        clock,
        deadlineMs: limits.handshakeMs,
        done: (result) => {
          this.#endings.delete(abandon);
          const link = this.#settle(target, result, onEnd);
          if (link instanceof Link) resolve(link);
          else reject(link);
        },
      });
      this.#endings.add(abandon);
    });
  }

  #connect(target: LinkTarget): Promise<Socket> {
    const { clock, limits } = this.#options;
    const address = parseLinkAddress(target.address);
    if (address === undefined) return Promise.reject(workerLost('unreachable'));
    return new Promise((resolve, reject) => {
      const socket = connect({ ...address, noDelay: true });
      const fail = (failure: OpenFailure, cause?: unknown): void => {
        settle();
        socket.destroy();
        reject(workerLost(failure, cause));
      };
      const onError = (error: NodeJS.ErrnoException): void =>
        fail(error.code === 'ECONNREFUSED' ? 'connection_refused' : 'unreachable', error);
      const abandon = (): void => fail('client_closed');
      const cancelDeadline = clock.after(limits.handshakeMs, () => fail('unreachable'));
      const settle = (): void => {
        cancelDeadline();
        this.#endings.delete(abandon);
      };
      this.#endings.add(abandon);
      // Stays for good: an error of a socket that nobody listens to would end the process.
      socket.on('error', onError);
      socket.once('connect', () => {
        settle();
        resolve(socket);
      });
    });
  }

  #settle(target: LinkTarget, result: HandshakeResult, onEnd: () => void): Link | RelayOpenError {
    const { counters, log } = this.#options;
    const failure = handshakeFailure(target, result);
    if (result.kind === 'shaken' && failure === undefined) return this.#up(result, onEnd);
    counters.failedHandshakes += 1;
    const error = failure ?? workerLost('unreachable');
    log.warn('relay handshake failed', { worker: target.workerId, failure: error.failure });
    if (result.kind === 'shaken') result.stream.hangUp();
    return error;
  }

  #up(shaken: HandshakeResult & { readonly kind: 'shaken' }, onEnd: () => void): Link {
    const { limits, clock, log, counters, observer } = this.#options;
    let cancelIdle: CancelTimer | undefined;
    const watchIdle = (): void => {
      cancelIdle?.();
      cancelIdle = clock.after(limits.idleLinkMs, () => {
        if (link.channelCount === 0) link.shut();
      });
    };
    const shut = (): void => link.shut();
    const link = new Link({
      side: 'gateway',
      stream: shaken.stream,
      peer: shaken.peer,
      limits,
      clock,
      log,
      counters,
      observer,
      onChannelEnded: () => {
        if (link.channelCount === 0) watchIdle();
      },
      onEnd: () => {
        cancelIdle?.();
        this.#endings.delete(shut);
        onEnd();
      },
    });
    this.#endings.add(shut);
    watchIdle();
    return link;
  }
}

function handshakeFailure(target: LinkTarget, result: HandshakeResult): RelayOpenError | undefined {
  if (result.kind === 'shaken') {
    return result.peer.incarnation === target.incarnation ? undefined : workerLost('other_incarnation');
  }
  if (result.why !== 'refused') return workerLost(result.why === 'timeout' ? 'deadline' : 'unreachable');
  if (result.refusal?.code === 'worker_lost') return workerLost('other_worker');
  return new RelayOpenError(
    'handshake',
    { code: 'internal', message: 'Something went wrong on our side.' },
    result.refusal,
  );
}
