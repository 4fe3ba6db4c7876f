import type { Blob, Content, FunctionResponse } from '@parley/event';
import type { Clock, Log } from '@parley/kernel';
import type {
  LiveConnection,
  LiveConnectionEnd,
  LiveConnectionListener,
  LiveServerMessage,
  ReplacementReason,
} from '@parley/live';
import type { RotationOutcome } from './connection-phase.js';
import type { Conversation } from './conversation.js';
import type { GeminiCounters, SeededWith } from './gemini-counters.js';
import { MessageDelivery } from './message-delivery.js';
import type { ModelInput, SentStamp } from './model-input.js';
import type { ReconnectBudget } from './reconnect-budget.js';
import type { RecoveryLadder } from './recovery-ladder.js';
import { errorName } from './redact.js';
import { unsayable, type InputRules } from './sayable-input.js';
import type { OpenedSocket, SessionRenewal } from './session-renewal.js';
import { SocketSuccession } from './socket-succession.js';
import { StallWatchdog } from './stall-watchdog.js';

export interface KeptLiveConnectionOptions {
  readonly first: OpenedSocket;
  /** Whether the configuration named a handle, and the provider did not take it. */
  readonly handleRefused: boolean;
  readonly conversation: Conversation;
  readonly renewal: SessionRenewal;
  readonly ladder: RecoveryLadder;
  readonly budget: ReconnectBudget;
  readonly rules: InputRules;
  readonly clock: Clock;
  readonly counters: GeminiCounters;
  readonly log: Log;
  /** Closes the connection when it aborts. */
  readonly signal: AbortSignal | undefined;
}

const ROTATE_WITHIN_MS = 10_000;
/** Whoever aborts is in a hurry: the provider has so long to say goodbye. */
const ABORT_GRACE_MS = 250;

/**
 * A conversation with a Gemini Live model that lives through many sockets: it is resumed when a socket is lost, moved
 * to the next when the provider announces the end of one, begun anew with history when there is no way back.
 *
 * 1. What is said while no socket is open is kept (bounded) and said in order on the next. Nothing is said twice on
 *    one socket; on the next, only what no handle holds and nobody has answered.
 * 2. A reply that broke off ends with `interrupted`, and what it answered is asked again.
 * 3. The listener hears of a replacement after the new session has been told everything, and before it says anything.
 * 4. `close`, or the signal, ends everything: no attempt to connect outlives it. `onEnd` comes once.
 */
export class KeptLiveConnection implements LiveConnection {
  readonly #options: KeptLiveConnectionOptions;
  readonly #sockets: SocketSuccession;
  readonly #delivery: MessageDelivery;
  readonly #watchdog: StallWatchdog;
  readonly #onAbort = (): void => this.#sockets.close(ABORT_GRACE_MS);
  readonly resumed: boolean;
  #liveSessionId: string | undefined;

  constructor(options: KeptLiveConnectionOptions) {
    const { clock, conversation, counters, first, handleRefused, log, signal } = options;
    this.#options = options;
    this.resumed = first.seededWith === undefined;
    this.#liveSessionId = first.socket.liveSessionId;
    this.#delivery = new MessageDelivery((error) => {
      counters.listenerErrors += 1;
      log.error('a listener of the model connection failed', { error: errorName(error) });
    });
    this.#watchdog = new StallWatchdog({
      clock,
      isExcused: () => conversation.silenceIsFine,
      onSlow: () => this.#nudge(),
      onStalled: () => this.#sockets.replace('stalled'),
    });
    this.#sockets = new SocketSuccession({
      ...options,
      first: first.socket,
      isSafe: () => conversation.safeToRotate,
      sink: {
        onMessage: (message) => this.#received(message),
        onDisarmed: () => this.#watchdog.rest(),
        onLost: () => this.#lost(),
        onSuccessor: (opened, reason, gapMs) => this.#goOn(opened, reason, gapMs),
        onEnd: (end) => this.#ended(end),
      },
    });
    if (handleRefused && first.seededWith) this.#delivery.message(this.#restarted(first.seededWith));
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (signal?.aborted) this.#onAbort();
  }

  get liveSessionId(): string | undefined {
    return this.#liveSessionId;
  }

  get bufferedBytes(): number {
    return this.#sockets.bufferedBytes + this.#options.conversation.unsentBytes;
  }

  get safeToLeave(): boolean {
    return this.#sockets.isOpen && this.#options.conversation.safeToRotate;
  }

  get unsettledAudioMs(): number {
    return this.#options.conversation.unsettledAudioMs;
  }

  sendContent(content: Content, options: { readonly partial?: boolean } = {}): void {
    this.#say({ kind: 'content', content, partial: options.partial === true });
  }

  sendRealtime(blob: Blob): void {
    this.#say({ kind: 'realtime', blob });
  }

  sendActivityStart(): void {
    this.#say({ kind: 'activityStart' });
  }

  sendActivityEnd(): void {
    this.#say({ kind: 'activityEnd' });
  }

  sendAudioStreamEnd(): void {
    this.#say({ kind: 'audioStreamEnd' });
  }

  sendToolResponse(responses: readonly FunctionResponse[]): void {
    const wanted = this.#options.conversation.wanted(responses);
    if (wanted.length > 0 || responses.length === 0) this.#say({ kind: 'toolResponse', responses: wanted });
  }

  interrupt(): void {
    this.#say({ kind: 'interrupt' });
  }

  listen(listener: LiveConnectionListener): void {
    this.#delivery.listen(listener);
    this.#sockets.listen();
  }

  /**
   * Moves to a new socket at the next moment at which nobody notices, after `withinMs` at the latest. Resolves when
   * the conversation is on a new socket, for whatever reason, or has ended. Never rejects.
   */
  rotate(withinMs = ROTATE_WITHIN_MS): Promise<RotationOutcome> {
    return this.#sockets.rotate(withinMs);
  }

  close(): void {
    this.#sockets.close();
  }

  #say(input: ModelInput): void {
    if (this.#sockets.isOver) return;
    const { conversation, counters, log, rules } = this.#options;
    const why = unsayable(input, rules);
    if (why !== undefined) {
      counters.refusedSends += 1;
      return log.debug('not sent to the model', { what: why });
    }
    const { isOpen } = this.#sockets;
    const { stamp } = conversation.keep(input, isOpen);
    if (isOpen) this.#write(input, stamp);
  }

  #write(input: ModelInput, stamp: SentStamp): void {
    this.#sockets.say(input, stamp);
    this.#options.conversation.sent(input, stamp);
    this.#watchdog.sent(input);
  }

  #received(message: LiveServerMessage): void {
    const fresh = this.#options.conversation.received(message);
    this.#watchdog.heard(message);
    if (fresh) this.#delivery.message(fresh);
  }

  #lost(): void {
    const cutOff = this.#options.conversation.lost();
    if (cutOff) this.#delivery.message(cutOff);
  }

  #goOn({ seededWith, socket }: OpenedSocket, reason: ReplacementReason, gapMs: number): void {
    const { conversation, counters } = this.#options;
    this.#liveSessionId = socket.liveSessionId ?? this.#liveSessionId;
    counters.gapMs.observe(gapMs);
    const { cancelledToolCallIds, replay } = conversation.renewed(seededWith === undefined);
    for (const { input, stamp } of replay) this.#write(input, stamp);
    if (cancelledToolCallIds.length > 0) this.#delivery.message({ cancelledToolCallIds });
    if (seededWith) return this.#delivery.message(this.#restarted(seededWith));
    counters.resumes[reason] += 1;
    this.#delivery.message({ resumed: { reason, gapMs } });
  }

  #restarted(seededWith: SeededWith): LiveServerMessage {
    this.#options.counters.restarts[seededWith] += 1;
    return { restarted: { seededWith } };
  }

  #nudge(): void {
    this.#options.counters.stallNudges += 1;
    this.#sockets.ping();
  }

  #ended(end: LiveConnectionEnd): void {
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#watchdog.rest();
    this.#options.conversation.clear();
    this.#delivery.end(end);
  }
}
