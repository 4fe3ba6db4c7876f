import type { Clock, Log } from '@parley/kernel';
import type { LiveConnectConfig } from '@parley/live';
import type { ModelCapabilities } from './capabilities.js';
import { planSetup } from './connect-config.js';
import type { GeminiCounters } from './gemini-counters.js';
import { GeminiSocketConnection } from './gemini-socket-connection.js';
import type { GeminiProvider } from './provider-selection.js';
import type { ProviderSocketOptions } from './provider-socket.js';
import { errorName } from './redact.js';
import type { SdkClient } from './sdk-client.js';
import { sdkConnect } from './sdk-connect.js';
import type { SessionOpening } from './session-opening.js';

export interface SocketDialerOptions {
  readonly client: SdkClient;
  readonly provider: GeminiProvider['kind'];
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: GeminiCounters;
  readonly connectTimeoutMs: number;
  readonly pingEveryMs: number;
  readonly pongDeadlineMs: number;
  readonly closeGraceMs: number;
  readonly masking: ProviderSocketOptions['masking'];
}

/** Opens the sockets of a model's conversations. Keeps none of them. */
export class SocketDialer {
  readonly #options: SocketDialerOptions;

  constructor(options: SocketDialerOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the set-up accepted and the history said. Rejects with `ParleyError` at once for what the model
   * would not take, else within the deadline, at once on `signal`; no socket is left then.
   */
  async dial(
    config: LiveConnectConfig,
    capabilities: ModelCapabilities,
    opening: SessionOpening,
    signal: AbortSignal | undefined,
  ): Promise<GeminiSocketConnection> {
    const { client, clock, connectTimeoutMs, counters, log, masking, provider } = this.#options;
    const plan = planSetup(config, provider, capabilities, opening);
    const startedAtMs = clock.monotonicMs();
    const opened = await sdkConnect({
      client,
      plan,
      clock,
      timeoutMs: connectTimeoutMs,
      masking,
      signal,
      onProtocolError: () => (counters.protocolErrors += 1),
      onSinkError: (error) => {
        counters.listenerErrors += 1;
        log.error('a socket of the model failed on this side', { error: errorName(error) });
      },
    });
    counters.connectMs.observe(clock.monotonicMs() - startedAtMs);
    return new GeminiSocketConnection({
      ...this.#options,
      opened,
      capabilities,
      onVertex: provider === 'vertex',
      history: opening.history,
    });
  }
}
