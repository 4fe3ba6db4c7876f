import type { Reply } from '../brain/brain.js';
import type { ClientMessage, RealtimeInput } from '../codec/client-message.js';
import { durationText, type ServerMessage } from '../codec/server-message.js';
import type { Setup } from '../codec/setup.js';
import { rateOfMimeType } from '../input/audio-intake.js';
import type { Ear } from '../input/ear.js';
import type { HeardUtterance } from '../input/utterance.js';
import type { Behaviour } from './behaviour.js';
import { CLOSE_REASONS, type CloseReason } from './close-reason.js';
import { ConnectionLife } from './connection-life.js';
import { ContextMeter } from './context-meter.js';
import { ConversationHistory } from './conversation-history.js';
import { Conversation } from './conversation.js';
import { bareModelName, type ModelProfile } from './model-profile.js';
import type { SessionSnapshot } from './resumption-store.js';
import { ResumptionUpdates } from './resumption-updates.js';
import type { SessionEnvironment } from './session-environment.js';

export interface LiveSessionOptions {
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
  readonly send: (message: ServerMessage) => void;
  readonly hangUp: (reason: CloseReason) => void;
}

/**
 * A session from its `setupComplete` on: hands each client message to the ear, the conversation or the history,
 * and says which messages the model would not take. Owns its ear, its conversation and its timers.
 */
export class LiveSession {
  readonly #options: LiveSessionOptions;
  readonly #history: ConversationHistory;
  readonly #meter: ContextMeter;
  readonly #conversation: Conversation;
  readonly #ear: Ear;
  readonly #life: ConnectionLife;
  readonly #updates: ResumptionUpdates;
  #seeding: boolean;
  #activityOpen = false;

  constructor(options: LiveSessionOptions) {
    this.#options = options;
    const { setup, environment, behaviour, restored, send } = options;
    this.#history = new ConversationHistory(restored?.history);
    this.#meter = new ContextMeter(restored?.context);
    this.#meter.heardText(setup.systemInstruction.length);
    this.#seeding = setup.initialHistory;
    this.#updates = new ResumptionUpdates({
      store: environment.resumption,
      owner: options.owner,
      transparent: setup.resumption?.transparent ?? false,
      snapshot: () => this.#snapshot(),
      send: (sessionResumptionUpdate) => send({ sessionResumptionUpdate }),
      log: environment.log,
    });
    this.#conversation = new Conversation({
      ...options,
      ...environment,
      modality: setup.responseModalities.includes('TEXT') ? 'TEXT' : 'AUDIO',
      captions: setup.outputTranscription,
      interruptible: setup.interruptible,
      instruction: setup.systemInstruction,
      functions: setup.functions,
      history: this.#history,
      meter: this.#meter,
      voice: environment.senses.voices(setup.voiceName),
      onTurn: (change) => this.#onTurn(change),
    });
    this.#ear = environment.senses.openEar(setup.activityDetection, behaviour.silenceDurationMs, {
      captions: setup.inputTranscription,
      onSpeechStart: () => this.#conversation.userStarted(),
      onCaption: (text) => send({ serverContent: { inputTranscription: { text } } }),
      onUtterance: (utterance) => this.#onUtterance(utterance),
    });
    this.#life = new ConnectionLife({
      clock: environment.clock,
      connectionMs: behaviour.connectionMs,
      goAwayLeadMs: behaviour.goAwayLeadMs,
      onGoAway: (timeLeftMs) => send({ goAway: { timeLeft: durationText(timeLeftMs) } }),
      onOver: () => options.hangUp(CLOSE_REASONS.deadline),
    });
    this.#onTurn('ended');
  }

  /** What the session is closed with when the model would not take this message. */
  accept(message: ClientMessage): CloseReason | undefined {
    this.#updates.consumed();
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
      case 'realtimeInput':
        return this.#acceptRealtime(message);
      case 'toolResponse': {
        const known = this.#conversation.toolsAnswered(message.responses);
        return known || !behaviour.strictToolIds ? undefined : CLOSE_REASONS.entityNotFound;
      }
      case 'contextUpdate':
        if (!profile.contextUpdate) return CLOSE_REASONS.unsupported;
        this.#conversation.updateContext(message.systemInstruction, message.functions);
        return undefined;
    }
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
    this.#ear.close();
    this.#conversation.close();
  }

  #acceptRealtime(input: RealtimeInput): CloseReason | undefined {
    const { profile, setup } = this.#options;
    if (input.mediaChunks.length > 0 && !profile.mediaChunks) return CLOSE_REASONS.mediaChunks;
    const refused = this.#refuseActivity(input);
    if (refused) return refused;
    if (input.activityStart) {
      this.#activityOpen = true;
      this.#ear.activityStart();
    }
    const media = [input.audio, input.video, ...input.mediaChunks].filter((blob) => blob !== undefined);
    for (const { mimeType, bytes } of media) {
      if (mimeType.startsWith('image/')) {
        this.#conversation.sawFrame();
        continue;
      }
      const rateHz = rateOfMimeType(mimeType);
      if (rateHz === undefined) return CLOSE_REASONS.invalidArgument;
      if (setup.turnCoverage === 'TURN_INCLUDES_ALL_INPUT') {
        this.#meter.heardAudio(bytes.length / 2 / rateHz);
      }
      this.#ear.accept(bytes, rateHz);
    }
    if (input.text !== undefined) this.#conversation.userWrote(input.text);
    if (input.activityEnd) {
      this.#activityOpen = false;
      this.#ear.activityEnd();
    }
    if (input.audioStreamEnd) this.#ear.streamEnd();
    return undefined;
  }

  #refuseActivity(input: RealtimeInput): CloseReason | undefined {
    const explicit = this.#options.setup.activityDetection.disabled;
    if (!explicit && (input.activityStart || input.activityEnd)) return CLOSE_REASONS.explicitActivity;
    const unopened = input.activityEnd && !input.activityStart && !this.#activityOpen;
    const misplacedEnd = explicit && input.audioStreamEnd && this.#options.profile.name !== 'permissive';
    return unopened || misplacedEnd ? CLOSE_REASONS.invalidArgument : undefined;
  }

  #onUtterance({ text, understood, caption, durationMs, speakingAgain }: HeardUtterance): void {
    const { setup, profile, send } = this.#options;
    if (setup.turnCoverage !== 'TURN_INCLUDES_ALL_INPUT') this.#meter.heardAudio(durationMs / 1000);
    const finished = profile.combinedMessages;
    if (setup.inputTranscription && text !== '' && (caption !== '' || finished)) {
      const inputTranscription = {
        ...(caption !== '' && { text: caption }),
        ...(finished && { finished: true as const }),
      };
      send({ serverContent: { inputTranscription } });
    }
    this.#conversation.userSpoke(text, understood, speakingAgain);
  }

  #onTurn(change: 'begun' | 'ended'): void {
    if (!this.#options.setup.resumption) return;
    if (change === 'begun') this.#updates.suspended();
    else this.#updates.resumable();
  }

  #snapshot(): SessionSnapshot {
    return {
      model: bareModelName(this.#options.setup.model),
      history: [...this.#history.entries],
      context: this.#meter.context,
    };
  }
}
