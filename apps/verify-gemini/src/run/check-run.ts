import { GeminiLiveModel, type GeminiLiveModelOptions } from '@parley/gemini';
import type { Clock } from '@parley/kernel';
import { CheckFailure } from '../check-failure.js';
import type { Situation } from './situation.js';
import { dial } from '../wire/dial.js';
import type { HeardMessage } from '../wire/heard-message.js';
import { closedWith, WireSession, type WireEnding } from '../wire/wire-session.js';
import type { SessionGate } from './session-gate.js';
import type { Redactor } from './redactor.js';
import type { Spending } from './spending.js';
import type { SpokenLines } from './spoken-lines.js';
import { liveAddress, type LiveAddress } from './target.js';

export interface CheckRunOptions {
  readonly situation: Situation;
  readonly clock: Clock;
  readonly spending: Spending;
  readonly redactor: Redactor;
  readonly gate: SessionGate;
  readonly signal: AbortSignal;
}

export type Setup = Readonly<Record<string, unknown>>;

/** How the service took a set-up. */
export type SetupOutcome =
  | { readonly kind: 'accepted'; readonly session: WireSession; readonly times: SetupTimes }
  | { readonly kind: 'closed'; readonly ending: WireEnding }
  | { readonly kind: 'refused'; readonly httpStatus: number }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'silent'; readonly afterMs: number };

export interface SetupTimes {
  /** From dialling to the open WebSocket, and from there to `setupComplete`. */
  readonly upgradeMs: number;
  readonly setupMs: number;
  readonly extensions: string;
}

const HANDSHAKE_MS = 10_000;
const SETUP_MS = 10_000;
const BRIEF = 'Be brief. Answer in English.';

/** What one check has to work with. Everything it opens ends with `signal`. */
export class CheckRun {
  readonly situation: Situation;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly #options: CheckRunOptions;

  constructor(options: CheckRunOptions) {
    this.#options = options;
    this.situation = options.situation;
    this.clock = options.clock;
    this.signal = options.signal;
  }

  /** Only for checks that `needsSpeech`. */
  get lines(): SpokenLines {
    const { lines } = this.situation;
    if (!lines) throw new CheckFailure('there is nothing to say it with');
    return lines;
  }

  /** A session with audio out and captions; `setup` is added to that. Throws `CheckFailure` when there is none. */
  async open(setup: Setup = {}): Promise<WireSession> {
    const { gate } = this.#options;
    gate.enter();
    const outcome = await this.attempt(setup);
    gate.leave(outcome.kind);
    if (outcome.kind === 'accepted') return outcome.session;
    throw new CheckFailure(`no session: ${describeOutcome(outcome)}`);
  }

  /** The same where a refusal is an answer too. */
  async attempt(
    setup: Setup = {},
    { address, offersDeflate = false }: { address?: LiveAddress; offersDeflate?: boolean } = {},
  ): Promise<SetupOutcome> {
    const { clock, signal, situation, spending } = this.#options;
    spending.openSession();
    const { headers, url } = address ?? liveAddress(situation.target);
    const dialled = await dial({
      url,
      headers,
      clock,
      handshakeTimeoutMs: HANDSHAKE_MS,
      offersDeflate,
      signal,
    });
    if (dialled.kind !== 'open') return dialled;
    const session = new WireSession({
      socket: dialled.socket,
      clock,
      signal,
      onHeard: (message) => this.#note(message),
      onSpoken: (durationMs) => spending.speak(durationMs),
    });
    const startedMs = clock.monotonicMs();
    session.send({ setup: this.#complete(setup) });
    try {
      const complete = await session.waitForKind('setupComplete', { withinMs: SETUP_MS });
      const times = { ...dialled, setupMs: Math.round(complete.atMs - startedMs) };
      return { kind: 'accepted', session, times };
    } catch (error) {
      if (!(error instanceof CheckFailure)) throw error;
      const { ending } = session;
      session.close();
      return ending
        ? { kind: 'closed', ending }
        : { kind: 'silent', afterMs: Math.round(clock.monotonicMs() - startedMs) };
    }
  }

  /** Parley's own adapter for this service. */
  model(options: Partial<GeminiLiveModelOptions> = {}): GeminiLiveModel {
    const { target, model } = this.situation;
    return new GeminiLiveModel({ provider: target.provider, model, clock: this.clock, ...options });
  }

  /** For sessions that are not opened by `open`. */
  spendSession(): void {
    this.#options.spending.openSession();
  }

  /** For what is not said by a `WireSession`. */
  spendSpeech(durationMs: number): void {
    this.#options.spending.speak(durationMs);
  }

  /** Keeps `secret` out of the report. */
  learn(secret: string): void {
    this.#options.redactor.learn(secret);
  }

  #complete(setup: Setup): Setup {
    const { model, target } = this.situation;
    return {
      model: target.modelName(model),
      generationConfig: { responseModalities: ['AUDIO'] },
      systemInstruction: { parts: [{ text: BRIEF }] },
      inputAudioTranscription: {},
      outputAudioTranscription: {},
      ...setup,
    };
  }

  #note({ resumption, usage }: HeardMessage): void {
    if (resumption) this.learn(resumption.handle);
    if (usage) this.#options.spending.report(usage.total);
  }
}

export function describeOutcome(outcome: SetupOutcome): string {
  switch (outcome.kind) {
    case 'accepted':
      return 'the set-up was accepted';
    case 'closed':
      return closedWith(outcome.ending);
    case 'refused':
      return `the upgrade was refused with HTTP ${outcome.httpStatus}`;
    case 'failed':
      return `the connection failed: ${outcome.reason}`;
    case 'silent':
      return `the set-up was not answered within ${outcome.afterMs / 1_000} s`;
  }
}
