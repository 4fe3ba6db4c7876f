import { withDeadline, type Clock, type Log } from '@parley/kernel';
import type { FrameChannel } from './frame-channel.js';
import type { OpeningResult } from './link-channel.js';
import type { OpenMessage } from './link-message.js';
import { LinkPool } from './link-pool.js';
import { RelayCounters, type RelayObserver } from './relay-counters.js';
import { DEFAULT_LIMITS, type RelayLimits } from './relay-limits.js';
import { RelayOpenError, workerLost } from './relay-open-error.js';

export interface RelayClientOptions {
  readonly gatewayId: string;
  /** The cluster's secret of the links. */
  readonly secret: string;
  /** What this build can do beyond version 1 of the link, for the worker to read. No commas. */
  readonly capabilities?: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly observer?: RelayObserver;
  readonly limits?: Partial<RelayLimits>;
}

export interface OpenOptions {
  /** `host:port` of the worker's relay. */
  readonly address: string;
  readonly workerId: string;
  readonly expectIncarnation: string;
  readonly liveId: string;
  readonly epoch: number;
  readonly attach: number;
  /** For the worker's `onOpen`. */
  readonly payload: Uint8Array;
  /** For all of it: dialling, handshake and the worker's answer. */
  readonly deadlineMs: number;
  /**
   * For dialling and the handshake alone, when that is all one wants to know soon: a worker that answers may think its
   * answer over. Default: `deadlineMs`.
   */
  readonly dialDeadlineMs?: number;
}

/**
 * A gateway's end of all links. It dials, never listens, and has one link for each incarnation of a worker,
 * whatever the number of runs.
 */
export class RelayClient {
  readonly #clock: Clock;
  readonly #limits: RelayLimits;
  readonly #pool: LinkPool;
  readonly #counters = new RelayCounters();

  constructor(options: RelayClientOptions) {
    const { gatewayId, secret, capabilities = [], clock, log, observer = {} } = options;
    this.#clock = clock;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#pool = new LinkPool({
      gateway: { gatewayId, secret, capabilities },
      limits: this.#limits,
      clock,
      log,
      counters: this.#counters,
      observer,
    });
  }

  /** Live: read it when it is asked for. */
  get counters(): Readonly<RelayCounters> {
    return this.#counters;
  }

  /**
   * Attaches to a run on its worker. Rejects with a RelayOpenError that says what it failed of; then nothing of
   * the attempt is left, here or at the worker. Not retried here: who calls knows what the failure means. A
   * `payload` too large for a frame rejects with `frame_too_large`. A worker that has taken the run when the deadline
   * comes sees the channel close with `detached`: whoever asks next finds the run there.
   */
  async open(options: OpenOptions): Promise<FrameChannel> {
    const { address, workerId, expectIncarnation: incarnation, deadlineMs } = options;
    const giveUpAtMs = this.#clock.monotonicMs() + deadlineMs;
    const dialMs = Math.min(deadlineMs, options.dialDeadlineMs ?? deadlineMs);
    const dialled = this.#pool.get({ address, workerId, incarnation });
    const link = await withDeadline(this.#clock, dialMs, dialled, () => workerLost('deadline'));
    if (link.ended) throw workerLost('unreachable');
    return await new Promise<FrameChannel>((resolve, reject) => {
      const { liveId, epoch, attach, payload } = options;
      const open: OpenMessage = {
        liveId,
        epoch,
        attach,
        mediaWindowBytes: this.#limits.mediaWindowBytes,
        payload,
      };
      const channel = link.openChannel(open, (result) => {
        cancelDeadline();
        const failure = openingFailure(result);
        if (failure === undefined) resolve(channel);
        else reject(failure);
      });
      const cancelDeadline = this.#clock.after(giveUpAtMs - this.#clock.monotonicMs(), () => {
        channel.close('detached');
        reject(workerLost('deadline'));
      });
    });
  }

  /** Hangs up every link; channels end with `link_lost`, loss `shut`. Idempotent. */
  close(): void {
    this.#pool.close();
  }
}

function openingFailure(result: OpeningResult): RelayOpenError | undefined {
  switch (result.kind) {
    case 'opened':
      return undefined;
    case 'refused':
      return new RelayOpenError('refused', result.refusal);
    case 'closed':
      return workerLost(result.outcome === 'link_lost' ? 'unreachable' : 'channel_closed');
  }
}
