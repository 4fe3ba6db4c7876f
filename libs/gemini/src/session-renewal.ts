import type { Content } from '@parley/event';
import { sleep, toParleyError, type Clock, type ParleyError } from '@parley/kernel';
import type { LiveConnectConfig, LiveConnectionEnd, ReplacementReason } from '@parley/live';
import type { ModelCapabilities } from './capabilities.js';
import type { GeminiCounters, SeededWith } from './gemini-counters.js';
import type { GeminiSocketConnection } from './gemini-socket-connection.js';
import { seedOf } from './history-seed.js';
import type { ReconnectBudget } from './reconnect-budget.js';
import type { RecoveryLadder, SessionStart } from './recovery-ladder.js';
import type { ResumptionHandles } from './resumption-handles.js';
import type { SocketDialer } from './socket-dialer.js';

export interface SessionRenewalOptions {
  readonly dialer: SocketDialer;
  readonly config: LiveConnectConfig;
  readonly capabilities: ModelCapabilities;
  /** Whether handles are asked for at all. */
  readonly resumption: boolean;
  readonly handles: ResumptionHandles;
  readonly budget: ReconnectBudget;
  readonly ladder: RecoveryLadder;
  readonly clock: Clock;
  readonly counters: GeminiCounters;
  /** Words of the user that will be said again after the history. */
  readonly unanswered: () => readonly string[];
  /** A turn has ended that the handle does not know. */
  readonly handleIsBehind: () => boolean;
}

export interface OpenedSocket {
  readonly socket: GeminiSocketConnection;
  /** Undefined: the model's session was taken up again. */
  readonly seededWith: SeededWith | undefined;
}

export type Renewal =
  ({ readonly kind: 'opened' } & OpenedSocket) | { readonly kind: 'ended'; readonly end: LiveConnectionEnd };

const MAX_RETRY_AFTER_MS = 30_000;
const ABNORMAL_CLOSURE = 1006;
const NO_HISTORY = (): readonly Content[] => [];

/** Opens the sockets of one conversation, one after the other: the first, and each that takes its place. */
export class SessionRenewal {
  readonly #options: SessionRenewalOptions;

  constructor(options: SessionRenewalOptions) {
    this.#options = options;
  }

  /**
   * Dials once; with the handle that the configuration names, and anew with history when the provider refuses that
   * handle. Rejects with `ParleyError`.
   */
  async first(signal: AbortSignal | undefined): Promise<OpenedSocket> {
    const { handles, ladder } = this.#options;
    const way = ladder.next(handles.usable !== undefined);
    try {
      return await this.#dial(way, signal);
    } catch (thrown) {
      const error = toParleyError(thrown);
      ladder.refused(way, error);
      const other = ladder.next(true);
      if (way !== 'handle' || other === way) throw error;
      return this.#dial(other, signal);
    }
  }

  /**
   * Dials until a socket is open, the budget is spent or there is no way left. A replacement that was planned begins
   * at once and costs nothing; after a loss each attempt waits its turn. Settles soon after `signal` aborts.
   */
  async renew(reason: ReplacementReason, signal: AbortSignal): Promise<Renewal> {
    const { budget, clock, counters, handles, ladder } = this.#options;
    const planned = reason === 'go_away' || reason === 'asked';
    let delayMs = planned ? 0 : budget.take();
    if (delayMs !== undefined && reason !== 'lost') delayMs = 0;
    let failure: ParleyError | undefined;
    while (delayMs !== undefined) {
      if (delayMs > 0) await sleep(clock, delayMs, signal);
      if (signal.aborted) return { kind: 'ended', end: { kind: 'client_closed' } };
      const way = ladder.next(handles.usable !== undefined && !this.#forgets);
      try {
        const opened = await this.#dial(way, signal);
        if (reason === 'go_away') {
          budget.restore();
          ladder.settled();
        }
        return { kind: 'opened', ...opened };
      } catch (thrown) {
        failure = toParleyError(thrown);
        if (ladder.refused(way, failure) === 'end') return { kind: 'ended', end: endOf(failure) };
        delayMs = budget.take();
        if (delayMs !== undefined) {
          delayMs = Math.max(delayMs, Math.min(failure.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS));
        }
      }
    }
    counters.abandoned += 1;
    return { kind: 'ended', end: { ...endOf(failure), kind: 'retryable' } };
  }

  /** Where the history can be told, a handle that leads back to before it is worse. */
  get #forgets(): boolean {
    const { capabilities, config, handleIsBehind } = this.#options;
    return capabilities.contentInput && config.history !== undefined && handleIsBehind();
  }

  async #dial(way: SessionStart, signal: AbortSignal | undefined): Promise<OpenedSocket> {
    const { capabilities, config, counters, dialer, handles, ladder, resumption, unanswered } = this.#options;
    const history = capabilities.contentInput ? (config.history ?? NO_HISTORY) : NO_HISTORY;
    const seed = seedOf(way, history, unanswered());
    const handle = way === 'handle' ? handles.usable : undefined;
    await config.mayDial?.();
    try {
      const socket = await dialer.dial(config, capabilities, { resumption, handle, history: seed }, signal);
      if (way === 'handle') {
        ladder.opened(way);
        return { socket, seededWith: undefined };
      }
      const seededWith = seed.length === 0 ? 'nothing' : way;
      ladder.opened(seededWith);
      handles.forget();
      return { socket, seededWith };
    } catch (error) {
      if (!signal?.aborted) counters.connectFailures += 1;
      throw error;
    }
  }
}

type ProviderEnd = Exclude<LiveConnectionEnd, { kind: 'client_closed' }>;

/** Without a failure the budget was spent before: by connections that died young. */
function endOf(failure: ParleyError | undefined): ProviderEnd {
  const { closeCode, reason } = failure?.details ?? {};
  return {
    kind: failure?.retryable === false ? 'fatal' : 'retryable',
    errorCode: failure?.code ?? 'provider_unavailable',
    closeCode: typeof closeCode === 'number' ? closeCode : ABNORMAL_CLOSURE,
    reason: typeof reason === 'string' ? reason : (failure?.message ?? 'the connection was lost too often'),
  };
}
