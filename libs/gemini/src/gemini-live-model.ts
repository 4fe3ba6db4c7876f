import { silentLog, systemClock, type Clock, type Log } from '@parley/kernel';
import type { LiveConnectConfig, LiveModel, LiveModelInfo } from '@parley/live';
import { capabilitiesOf, DEFAULT_LIVE_MODEL } from './capabilities.js';
import { planSetup } from './connect-config.js';
import { zeroCounters, type GeminiCounters } from './gemini-counters.js';
import { GeminiLiveConnection } from './gemini-live-connection.js';
import type { GeminiProvider } from './provider-selection.js';
import { SdkClient } from './sdk-client.js';
import { sdkConnect } from './sdk-connect.js';
import { verifySdkContract } from './sdk-contract.js';

export interface GeminiLiveModelOptions {
  readonly provider: GeminiProvider;
  /** For agents that name no model. */
  readonly model?: string;
  readonly clock?: Clock;
  readonly log?: Log;
  /** From `connect` to the model's acceptance of the set-up, credentials included. */
  readonly connectTimeoutMs?: number;
  readonly pingEveryMs?: number;
  /** At least 45 s: Google's own pauses are long. */
  readonly pongDeadlineMs?: number;
  /** What the provider has to answer our goodbye in. */
  readonly closeGraceMs?: number;
  /**
   * `random` (default) masks frames as RFC 6455 asks. `cheap` masks with zeros where nobody between could read the
   * bytes anyway (TLS, loopback): a third of the cost of sending audio, untried against Google's servers.
   */
  readonly masking?: 'random' | 'cheap';
}

/**
 * Google's Live models, behind the port of `live`: on the Gemini API, on Vertex, or as the emulator plays them.
 * One for each provider and credential; it keeps no connection, only their counters.
 */
export class GeminiLiveModel implements LiveModel {
  readonly info: LiveModelInfo;
  readonly counters: Readonly<GeminiCounters>;
  readonly #counters: GeminiCounters = zeroCounters();
  readonly #client: SdkClient;
  readonly #provider: GeminiProvider['kind'];
  readonly #options: Required<Omit<GeminiLiveModelOptions, 'provider' | 'model'>>;

  /** Throws `ParleyError` `provider_config` when the provider's selection can't be right. */
  constructor(options: GeminiLiveModelOptions) {
    const { provider, model = DEFAULT_LIVE_MODEL, ...rest } = options;
    this.#client = new SdkClient(provider);
    this.#provider = provider.kind;
    this.info = { provider: provider.kind, model, emulated: provider.kind === 'emulated' };
    this.counters = this.#counters;
    this.#options = {
      clock: systemClock,
      log: silentLog,
      connectTimeoutMs: 10_000,
      pingEveryMs: 20_000,
      pongDeadlineMs: 45_000,
      closeGraceMs: 1_000,
      masking: 'random',
      ...rest,
    };
  }

  /** For start-up: rejects when the SDK installed is not one that this room can work with. */
  verify(): Promise<void> {
    return verifySdkContract();
  }

  async connect(config: LiveConnectConfig, signal?: AbortSignal): Promise<GeminiLiveConnection> {
    const capabilities = capabilitiesOf(config.model);
    const plan = planSetup(config, this.#provider, capabilities);
    await verifySdkContract();
    const { clock, connectTimeoutMs, log, masking } = this.#options;
    const counters = this.#counters;
    const opened = await sdkConnect({
      client: this.#client,
      plan,
      clock,
      timeoutMs: connectTimeoutMs,
      masking,
      signal,
      onProtocolError: () => (counters.protocolErrors += 1),
      onSinkError: (error) => {
        counters.listenerErrors += 1;
        log.error('a listener of the model connection failed', {
          error: error instanceof Error ? error.name : 'unknown',
        });
      },
    });
    return new GeminiLiveConnection({
      ...this.#options,
      opened,
      capabilities,
      counters,
      onVertex: this.#provider === 'vertex',
      manualActivity: config.realtimeInputConfig?.automaticActivityDetection?.disabled === true,
      history: config.history ?? [],
    });
  }
}
