import { silentLog, systemClock, type Clock, type Log } from '@parley/kernel';
import type { LiveConnectConfig, LiveModel, LiveModelCapabilities, LiveModelInfo } from '@parley/live';
import { capabilitiesOf, DEFAULT_LIVE_MODEL, type ToolBehavior } from './capabilities.js';
import { Conversation } from './conversation.js';
import { zeroCounters, type GeminiCounters } from './gemini-counters.js';
import { KeptLiveConnection } from './kept-live-connection.js';
import type { GeminiProvider } from './provider-selection.js';
import { ReconnectBudget } from './reconnect-budget.js';
import { RecoveryLadder } from './recovery-ladder.js';
import { ResumptionHandles } from './resumption-handles.js';
import { SdkClient } from './sdk-client.js';
import { verifySdkContract } from './sdk-contract.js';
import { SessionRenewal } from './session-renewal.js';
import { SocketDialer, type SocketDialerOptions } from './socket-dialer.js';

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
  /** Whether handles are asked for, so that a lost session can be taken up again. Default true. */
  readonly resumption?: boolean;
  /** 0 ≤ x < 1; spreads attempts to reconnect. */
  readonly random?: () => number;
}

/** [src: session page; Vertex: inferred, unverified] */
const HANDLE_TTL_MS = 2 * 60 * 60_000;
const VERTEX_HANDLE_TTL_MS = 24 * 60 * 60_000;

/**
 * Google's Live models, behind the port of `live`: on the Gemini API, on Vertex, or as the emulator plays them.
 * One for each provider and credential; it keeps no connection, only their counters.
 */
export class GeminiLiveModel implements LiveModel {
  readonly info: LiveModelInfo;
  readonly counters: Readonly<GeminiCounters>;
  readonly #counters: GeminiCounters = zeroCounters();
  readonly #dialing: SocketDialerOptions;
  readonly #resumption: boolean;
  readonly #random: () => number;

  /** Throws `ParleyError` `provider_config` when the provider's selection can't be right. */
  constructor(options: GeminiLiveModelOptions) {
    const {
      provider,
      model = DEFAULT_LIVE_MODEL,
      random = Math.random,
      resumption = true,
      ...rest
    } = options;
    this.#resumption = resumption;
    this.#random = random;
    this.info = { provider: provider.kind, model, emulated: provider.kind === 'emulated' };
    this.counters = this.#counters;
    this.#dialing = {
      client: new SdkClient(provider),
      provider: provider.kind,
      counters: this.#counters,
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

  capabilitiesOf(model = this.info.model): LiveModelCapabilities {
    const { responseScheduling, textModality, toolBehaviors } = capabilitiesOf(model);
    // Vertex takes no results in instalments.
    const asyncTools = toolBehaviors.includes('NON_BLOCKING') && this.#dialing.provider !== 'vertex';
    return { textModality, asyncTools, responseScheduling };
  }

  /** `signal` also ends the conversation later: it is then closed as by `close`. */
  async connect(config: LiveConnectConfig, signal?: AbortSignal): Promise<KeptLiveConnection> {
    const { clock, log } = this.#dialing;
    const counters = this.#counters;
    const capabilities = capabilitiesOf(config.model);
    const ttlMs = this.#dialing.provider === 'vertex' ? VERTEX_HANDLE_TTL_MS : HANDLE_TTL_MS;
    const resumption = this.#resumption;
    const handles = new ResumptionHandles({ clock, ttlMs });
    const given = config.sessionResumption?.handle;
    if (resumption && given) handles.keep(given);
    const behaviors = new Map(config.tools.map(({ name, behavior }) => [name, behavior]));
    const behaviorOf = (name: string): ToolBehavior =>
      behaviors.get(name) ?? capabilities.defaultToolBehavior;
    const conversation = new Conversation({
      clock,
      handles,
      resumption,
      behaviorOf,
      turnBased: capabilities.turnBased,
      counters,
    });
    const budget = new ReconnectBudget({ clock, random: this.#random });
    const ladder = new RecoveryLadder();
    const renewal = new SessionRenewal({
      dialer: new SocketDialer(this.#dialing),
      config,
      capabilities,
      resumption,
      handles,
      budget,
      ladder,
      clock,
      counters,
      unanswered: () => conversation.unansweredWords,
      handleIsBehind: () => conversation.handleIsBehind,
    });
    await verifySdkContract();
    const first = await renewal.first(signal);
    return new KeptLiveConnection({
      first,
      handleRefused: given !== undefined && resumption && first.seededWith !== undefined,
      conversation,
      renewal,
      ladder,
      budget,
      rules: {
        capabilities,
        manualActivity: config.realtimeInputConfig?.automaticActivityDetection?.disabled === true,
      },
      clock,
      counters,
      log,
      signal,
    });
  }
}
