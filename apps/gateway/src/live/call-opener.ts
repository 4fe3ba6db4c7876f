import { newId, toParleyError, type ErrorCode } from '@parley/kernel';
import { SESSION_COST, sessionScope, type Placement } from '@parley/placement';
import type { ClientGrant, ClientTokens, ResumeTokens } from '@parley/tenancy';
import { encodeRelayOpen, type HelloMessage, type ResumeRequest } from '@parley/wire';
import { LiveRoute, type LiveRouteParts } from './live-route.js';
import { OwnerSearch } from './owner-search.js';
import { ReceptionLog } from './reception-log.js';

/** For a new call: reaching its worker, another one if need be. */
const OPEN_DEADLINE_MS = 15_000;
const MAX_ATTEMPTS = 3;
/** For a client that comes back: as long as a gateway that kept its client would look. */
const RESUME_DEADLINE_MS = 60_000;

export interface CallOpenerParts extends LiveRouteParts {
  readonly tokens: ClientTokens;
  readonly resumeTokens: ResumeTokens;
}

/** Takes a hello all the way to an open route: verify its token, place or find the run, reach its worker. */
export class CallOpener {
  readonly #parts: CallOpenerParts;

  constructor(parts: CallOpenerParts) {
    this.#parts = parts;
  }

  /**
   * Throws `ParleyError`; nothing stays reserved for longer than the reservation's own deadline. `signal`: the client has
   * gone meanwhile.
   */
  async open(hello: HelloMessage, signal: AbortSignal): Promise<LiveRoute> {
    if (hello.resume) return await this.#resumed(hello.resume, signal);
    return await this.#begun(hello.token ?? '', signal);
  }

  async #begun(token: string, signal: AbortSignal): Promise<LiveRoute> {
    const grant = await this.#authenticated(this.#parts.tokens.verify(token));
    const startedMs = this.#parts.clock.monotonicMs();
    try {
      const route = await this.#placed(grant, signal);
      this.#recordStart('ok', startedMs);
      return route;
    } catch (thrown) {
      this.#recordStart(outcomeOf(toParleyError(thrown).code), startedMs);
      throw thrown;
    }
  }

  /** The run that the session has may end just now: then a new one is begun. */
  async #placed(grant: ClientGrant, signal: AbortSignal): Promise<LiveRoute> {
    for (let attempt = 1; ; attempt += 1) {
      const placement = await this.#parts.placer.place({
        liveId: newId('live'),
        scope: sessionScope(grant),
        tenantId: grant.tenantId,
        cost: SESSION_COST,
      });
      try {
        return await this.#reach(grant, placement, signal);
      } catch (thrown) {
        const ended = toParleyError(thrown).code === 'session_not_found';
        if (!ended || attempt === MAX_ATTEMPTS) throw thrown;
      }
    }
  }

  /** Whoever is attached with another device is superseded. */
  async #reach(grant: ClientGrant, placement: Placement, signal: AbortSignal): Promise<LiveRoute> {
    const { liveId } = placement;
    const found = await new OwnerSearch(this.#parts, {
      grant,
      liveId,
      placement,
      first: 'dial',
      attach: 0,
      deadlineMs: OPEN_DEADLINE_MS,
      opening: () => encodeRelayOpen({ ...grant, liveId }),
      signal,
    }).found();
    return new LiveRoute(this.#parts, { ...found, grant, liveId, attach: 0, reception: new ReceptionLog() });
  }

  async #resumed(resume: ResumeRequest, signal: AbortSignal): Promise<LiveRoute> {
    const { grant, liveId, attach, ...route } = await this.#authenticated(
      this.#parts.resumeTokens.open(resume.token),
    );
    const reception = ReceptionLog.of(resume);
    const soFar = reception.tell({ cause: 'client', goneMs: 0, speechFollows: false });
    try {
      const found = await new OwnerSearch(this.#parts, {
        grant,
        liveId,
        placement: { ...route, liveId },
        first: 'find',
        attach,
        deadlineMs: RESUME_DEADLINE_MS,
        opening: () => encodeRelayOpen({ ...grant, liveId, after: attach, reception: soFar }),
        signal,
      }).found();
      return new LiveRoute(this.#parts, { ...found, grant, liveId, attach, reception });
    } catch (thrown) {
      this.#parts.metrics.count('live_resumes_total', { outcome: toParleyError(thrown).code });
      throw thrown;
    }
  }

  async #authenticated<T>(token: Promise<T>): Promise<T> {
    try {
      return await token;
    } catch (thrown) {
      const error = toParleyError(thrown);
      this.#parts.metrics.count('live_auth_failures_total', { reason: error.code });
      throw error;
    }
  }

  #recordStart(outcome: string, startedMs: number): void {
    const { metrics, clock } = this.#parts;
    metrics.observe('live_placement_seconds', { outcome }, (clock.monotonicMs() - startedMs) / 1_000);
    metrics.count('live_session_starts_total', { result: outcome });
  }
}

function outcomeOf(code: ErrorCode): string {
  switch (code) {
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
