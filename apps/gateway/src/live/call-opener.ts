import type { ParleyError } from '@parley/kernel';
import { newId, type ErrorCode, toParleyError, type Clock } from '@parley/kernel';
import { SESSION_COST, sessionScope, type SessionPlacer } from '@parley/placement';
import type { FrameChannel, RelayClient } from '@parley/relay';
import type { Metrics } from '@parley/telemetry';
import type { ClientGrant, ClientTokens } from '@parley/tenancy';
import { encodeRelayOpen } from '@parley/wire';

const OPEN_DEADLINE_MS = 5_000;
/** A worker may have moved on between placing and opening: how often to place anew. */
const MAX_ATTEMPTS = 3;
const MOVED_ON: readonly ErrorCode[] = ['worker_lost', 'draining'];

export interface OpenedCall {
  readonly grant: ClientGrant;
  readonly liveId: string;
  readonly channel: FrameChannel;
}

/** Takes a client token all the way to an open channel: verify, place, dial the worker. */
export class CallOpener {
  readonly #tokens: ClientTokens;
  readonly #placer: SessionPlacer;
  readonly #relay: RelayClient;
  readonly #metrics: Metrics;
  readonly #clock: Clock;

  constructor(parts: {
    readonly tokens: ClientTokens;
    readonly placer: SessionPlacer;
    readonly relay: RelayClient;
    readonly metrics: Metrics;
    readonly clock: Clock;
  }) {
    this.#tokens = parts.tokens;
    this.#placer = parts.placer;
    this.#relay = parts.relay;
    this.#metrics = parts.metrics;
    this.#clock = parts.clock;
  }

  /** Throws `ParleyError`; nothing stays reserved for longer than the reservation's own deadline. */
  async open(token: string): Promise<OpenedCall> {
    const grant = await this.#verify(token);
    const startedMs = this.#clock.monotonicMs();
    try {
      const call = await this.#place(grant);
      this.#record('ok', startedMs);
      return call;
    } catch (thrown) {
      this.#record(outcomeOf(toParleyError(thrown)), startedMs);
      throw thrown;
    }
  }

  async #verify(token: string): Promise<ClientGrant> {
    try {
      return await this.#tokens.verify(token);
    } catch (thrown) {
      const error = toParleyError(thrown);
      this.#metrics.count('live_auth_failures_total', { reason: error.code });
      throw error;
    }
  }

  async #place(grant: ClientGrant): Promise<OpenedCall> {
    for (let attempt = 1; ; attempt++) {
      const placement = await this.#placer.place({
        liveId: newId('live'),
        scope: sessionScope(grant),
        tenantId: grant.tenantId,
        cost: SESSION_COST,
      });
      try {
        const channel = await this.#relay.open({
          address: placement.address,
          workerId: placement.workerId,
          expectIncarnation: placement.incarnation,
          liveId: placement.liveId,
          epoch: placement.epoch,
          attach: 1,
          payload: encodeRelayOpen({ ...grant, liveId: placement.liveId }),
          deadlineMs: OPEN_DEADLINE_MS,
        });
        return { grant, liveId: placement.liveId, channel };
      } catch (thrown) {
        const error = toParleyError(thrown);
        if (!MOVED_ON.includes(error.code) || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  #record(outcome: string, startedMs: number): void {
    this.#metrics.observe(
      'live_placement_seconds',
      { outcome },
      (this.#clock.monotonicMs() - startedMs) / 1_000,
    );
    this.#metrics.count('live_session_starts_total', { result: outcome });
  }
}

function outcomeOf(error: ParleyError): string {
  switch (error.code) {
    case 'capacity_exhausted':
      return 'nocap';
    case 'control_plane_unavailable':
      return 'redis_down';
    case 'worker_lost':
      return 'worker_lost';
    default:
      return 'error';
  }
}
