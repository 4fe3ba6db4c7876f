import type { Reply } from '../brain/brain.js';
import type { ClientMessage } from '../codec/client-message.js';
import { durationText, type ServerMessage } from '../codec/server-message.js';
import type { Setup } from '../codec/setup.js';
import type { WireControl } from '../scenario/performance.js';
import type { Behaviour } from './behaviour.js';
import { CLOSE_REASONS, type CloseReason } from './close-reason.js';
import { ConnectionLife } from './connection-life.js';
import { ConsumedMessages } from './consumed-messages.js';
import { ContextMeter } from './context-meter.js';
import { ContextWindow } from './context-window.js';
import { ConversationHistory } from './conversation-history.js';
import { Conversation } from './conversation.js';
import { ModelMind } from './model-mind.js';
import { bareModelName, type ModelProfile } from './model-profile.js';
import { PendingCalls } from './pending-calls.js';
import { RealtimeIntake } from './realtime-intake.js';
import type { SessionSnapshot } from './resumption-store.js';
import { ResumptionUpdates } from './resumption-updates.js';
import { SessionAge } from './session-age.js';
import type { SessionEnvironment } from './session-environment.js';
import { Transcript } from './transcript.js';

export interface LiveSessionOptions {
  /** Of this connection. */
  readonly id: string;
  readonly api: 'gemini' | 'vertex';
  readonly owner: string;
  readonly setup: Setup;
  readonly profile: ModelProfile;
  readonly behaviour: Behaviour;
  readonly environment: SessionEnvironment;
  /** What an earlier connection left. */
  readonly restored: SessionSnapshot | undefined;
  readonly random: () => number;
  readonly newCallId: () => string;
  readonly wire?: WireControl;
  readonly send: (message: ServerMessage) => void;
  readonly hangUp: (reason: CloseReason) => void;
}

/** How much speech may be heard before it is noticed, besides the padding that the setup asks for. */
const NOTICE_MS = 400;
const PREFIX_PADDING_MS = 100;

/**
 * A session from its `setupComplete` on: hands each client message to the intake, the conversation or the history,
 * and says which messages the model would not take. Owns all of them and its timers.
 */
export class LiveSession {
  /** Shared by all connections of the session. */
  readonly lineage: string;
  readonly #options: LiveSessionOptions;
  readonly #history: ConversationHistory;
  readonly #meter: ContextMeter;
  readonly #calls: PendingCalls;
  readonly #mind: ModelMind;
  readonly #conversation: Conversation;
  readonly #consumed: ConsumedMessages;
  readonly #intake: RealtimeIntake;
  readonly #age: SessionAge;
  readonly #life: ConnectionLife;
  readonly #updates: ResumptionUpdates;
  readonly #transcript: Transcript;
  #seeding: boolean;

  constructor(options: LiveSessionOptions) {
    this.#options = options;
    const { setup, profile, environment, behaviour, restored, send } = options;
    this.lineage = restored?.lineage ?? options.id;
    this.#transcript = new Transcript(options.id, restored?.transcript);
    environment.transcripts.set(this.lineage, this.#transcript);
    this.#history = new ConversationHistory(restored?.history, (entry) => this.#transcript.add(entry));
    this.#meter = new ContextMeter({
      mediaResolution: setup.mediaResolution,
      instructionChars: setup.systemInstruction.length,
      restored: restored?.context ?? [],
      nextEntry: () => this.#history.nextEntry,
    });
    this.#calls = new PendingCalls(restored?.calls);
    this.#seeding = setup.initialHistory;
    this.#updates = new ResumptionUpdates({
      ...environment,
      owner: options.owner,
      transparent: setup.resumption?.transparent ?? false,
      snapshot: () => this.#snapshot(),
      send: (sessionResumptionUpdate) => send({ sessionResumptionUpdate }),
    });
    this.#mind = new ModelMind({
      ...options,
      ...environment,
      instruction: setup.systemInstruction,
      functions: setup.functions,
      translateTo: profile.translates ? setup.translateTo : undefined,
      history: this.#history,
    });
    this.#conversation = new Conversation({
      ...options,
      ...environment,
      modality: setup.responseModalities.includes('TEXT') ? 'TEXT' : 'AUDIO',
      captions: setup.outputTranscription,
      interruptible: setup.interruptible && !profile.translates,
      mind: this.#mind,
      history: this.#history,
      meter: this.#meter,
      window: new ContextWindow({
        meter: this.#meter,
        history: this.#history,
        windowTokens: behaviour.contextTokens ?? profile.contextTokens,
        compression: setup.compression,
      }),
      calls: this.#calls,
      voice: environment.senses.voices(setup.voiceName),
      onTurn: (change) => this.#onTurn(change),
      onFull: () => options.hangUp(CLOSE_REASONS.contextFull),
    });
    const padding = setup.activityDetection.prefixPaddingMs ?? PREFIX_PADDING_MS;
    this.#consumed = new ConsumedMessages(NOTICE_MS + padding);
    this.#intake = new RealtimeIntake({
      ...options,
      senses: environment.senses,
      meter: this.#meter,
      conversation: this.#conversation,
      consumed: this.#consumed,
      onFrame: () => this.#onFrame(),
    });
    this.#life = new ConnectionLife({
      clock: environment.clock,
      goAwayLeadMs: behaviour.goAwayLeadMs / behaviour.timeScale,
      onGoAway: (timeLeftMs) => send({ goAway: { timeLeft: durationText(timeLeftMs) } }),
      onOver: () => options.hangUp(CLOSE_REASONS.deadline),
    });
    this.#age = new SessionAge({
      clock: environment.clock,
      behaviour,
      endless: setup.compression !== undefined,
      restored: restored?.age,
    });
    if (behaviour.connectionMs > 0) this.#life.limit(behaviour.connectionMs / behaviour.timeScale);
    this.#limitLife();
    this.#offerHandle();
  }

  /** What the session is closed with when the model would not take this message. */
  accept(message: ClientMessage): CloseReason | undefined {
    const refused =
      message.kind === 'realtimeInput' ? this.#intake.accept(message) : this.#acceptOther(message);
    if (refused) return refused;
    const { setup, behaviour } = this.#options;
    const due =
      setup.resumption?.transparent === true && this.#consumed.count % behaviour.updateEveryMessages === 0;
    if (due || this.#updates.suspended) this.#offerHandle();
    return undefined;
  }

  /** Makes the model say or call this now. */
  inject(reply: Reply): void {
    this.#conversation.inject(reply);
  }

  goAway(timeLeftMs: number): void {
    this.#life.endIn(timeLeftMs);
  }

  close(): void {
    this.#life.close();
    this.#updates.close();
    this.#intake.close();
    this.#conversation.close();
  }

  #acceptOther(message: Exclude<ClientMessage, { kind: 'realtimeInput' }>): CloseReason | undefined {
    this.#consumed.accept(0, true);
    const { profile, behaviour } = this.#options;
    switch (message.kind) {
      case 'setup':
        return CLOSE_REASONS.setupExpected;
      case 'clientContent':
        if (this.#seeding) {
          this.#conversation.seed(message.turns);
          this.#seeding = !message.turnComplete;
          return undefined;
        }
        if (profile.clientContent === 'seed') return CLOSE_REASONS.invalidArgument;
        this.#conversation.addContent(message.turns, message.turnComplete);
        return undefined;
      case 'toolResponse': {
        const known = this.#conversation.toolsAnswered(message.responses);
        return known || !behaviour.strictToolIds ? undefined : CLOSE_REASONS.entityNotFound;
      }
      case 'contextUpdate':
        if (!profile.contextUpdate) return CLOSE_REASONS.unsupported;
        this.#mind.update(message.systemInstruction, message.functions);
        if (message.systemInstruction !== undefined) this.#meter.instruct(message.systemInstruction.length);
        return undefined;
    }
  }

  #onFrame(): void {
    this.#mind.sawFrame();
    if (this.#age.sawVideo()) this.#limitLife();
  }

  #limitLife(): void {
    const { leftMs } = this.#age;
    if (leftMs !== undefined) this.#life.limit(leftMs);
  }

  #onTurn(change: 'begun' | 'ended'): void {
    if (change === 'ended') this.#offerHandle();
    else if (this.#options.setup.resumption) this.#updates.suspend();
  }

  /** Offers a handle where the session can be resumed, if the client wants any. */
  #offerHandle(): void {
    const { setup, behaviour } = this.#options;
    const calling = this.#calls.size > 0 && !behaviour.resumableWhileCalling;
    if (!setup.resumption || calling || !this.#conversation.idle) return;
    const index = setup.resumption.transparent ? this.#consumed.index : 0;
    if (index !== undefined) this.#updates.offer(index);
  }

  #snapshot(): SessionSnapshot {
    const { setup, profile } = this.#options;
    return {
      lineage: this.lineage,
      model: bareModelName(setup.model),
      profile: profile.name,
      history: this.#history.state,
      context: this.#meter.blocks,
      age: this.#age.state,
      calls: this.#calls.all,
      transcript: this.#transcript.lines,
    };
  }
}
